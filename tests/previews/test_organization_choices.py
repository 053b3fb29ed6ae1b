"""Organizations are found by their names when a connection is made."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.apps import apps
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_scim_provider.models import ProviderConnection
from django_scim_provider.organizations import DjangoOrganizationsBackend, MembershipModelBackend
from django_scim_provider.organizations.choosing import gone_among, roles_offered
from tests.administration import logged_in, staff, url
from tests.people import make_organization
from tests.tenancy.models import Organization

pytestmark = pytest.mark.django_db


class Plain:
    """A backend that can say nothing but what the protocol asks."""

    def __init__(self, *, using: str) -> None:
        self.using = using


def found(client: Client, term: str = "") -> Any:
    address = reverse("admin:scim_provider_providerconnection_organizations")
    return client.get(address, {"term": term})


def results(answer: Any) -> list[dict[str, str]]:
    return list(orjson.loads(answer.content)["results"])


def test_organizations_are_found_by_a_part_of_their_name(root: Client) -> None:
    for name in ("acme", "globex", "acme-asia"):
        make_organization(name)

    answer = found(root, "ACME")

    assert [each["id"] for each in results(answer)] == ["acme", "acme-asia"]
    assert answer.headers["Cache-Control"].startswith("no-store, private")
    assert len(results(found(root))) == 3
    assert results(found(root, "\x00")) == results(found(root))


def test_as_many_are_found_as_are_shown(root: Client) -> None:
    Organization.objects.bulk_create(Organization(id=f"o{number:03}") for number in range(50))

    with CaptureQueriesContext(database) as caught:
        answer = found(root, "o")

    assert len(results(answer)) == 20
    assert sum("tenancy_organization" in each["sql"] for each in caught) == 1


def test_deactivated_organizations_are_not_found(root: Client, scim_settings: Any) -> None:
    scim_settings(
        MEMBERSHIP={"model": "tenancy.Membership", "organization_active": "is_open"},
    )
    make_organization("open")
    Organization.objects.create(id="closed", is_open=False)

    assert [each["id"] for each in results(found(root))] == ["open"]
    assert gone_among(["open", "closed", "none", None], using="default") == {"closed", "none"}


def test_only_who_makes_connections_finds_organizations() -> None:
    make_organization("acme")

    assert found(logged_in(staff("eve", "view_providerconnection"))).status_code == 403
    assert found(logged_in(staff("zoe", "add_providerconnection"))).status_code == 200


def test_form_finds_organizations_and_takes_one(root: Client) -> None:
    make_organization("globex")
    address = url(ProviderConnection, "add")
    form = root.get(address).content.decode()
    answers = {"provider_id": "acme", "profile": "generic", "_continue": "yes"}

    refused = root.post(address, {**answers, "organization_id": "none"}).content.decode()
    root.post(address, {**answers, "organization_id": "globex"})

    assert reverse("admin:scim_provider_providerconnection_organizations") in form
    assert '<option value="none" selected' in refused
    assert ProviderConnection.objects.get().organization_id == "globex"


def test_id_is_typed_where_the_backend_cannot_search(root: Client, scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{__name__}.Plain")

    form = root.get(url(ProviderConnection, "add")).content.decode()

    assert '<input type="text" name="organization_id"' in form
    assert results(found(root)) == []
    assert roles_offered(["o1"], using="default") == {}
    assert gone_among(["o1"], using="default") == frozenset()


def test_id_is_typed_where_organizations_are_no_rows(scim_settings: Any) -> None:
    scim_settings(MEMBERSHIP={"model": "auth.User", "organization": "last_name", "role": None})
    backend = MembershipModelBackend(using="default")

    assert backend.search_organizations("x", 5) is None
    assert backend.active_among(["x"]) == ["x"]
    assert backend.offered_roles(["x"]) == {"x": ()}


def test_roles_are_those_that_can_be_given(
    scim_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = apps.get_model("tenancy.Membership")._meta.get_field("role")
    unknown = roles_offered(["o1"], using="default")
    monkeypatch.setattr(field, "choices", [("owner", "O"), ("admin", "A"), ("member", "M")])
    offered = roles_offered(["o1"], using="default")
    scim_settings(ORGANIZATION_BACKEND=None)

    assert (unknown, offered) == ({}, {"o1": ["admin", "member"]})
    assert roles_offered(["o1"], using="default") == {"o1": ()}


def test_organizations_of_the_package_are_found(db: None) -> None:
    model = apps.get_model("organizations.Organization")
    acme, gone = (
        model.objects.create(name=name, slug=name.lower(), is_active=name == "Acme")
        for name in ("Acme", "Gone")
    )
    backend = DjangoOrganizationsBackend(using="default")
    key = str(acme.pk)

    assert backend.search_organizations("cm", 5) == {key: "Acme"}
    assert backend.search_organizations(key, 5) == {key: "Acme"}
    assert set(backend.active_among([key, str(gone.pk), "x"])) == {key}
    assert backend.offered_roles([key]) == {key: ("admin",)}
