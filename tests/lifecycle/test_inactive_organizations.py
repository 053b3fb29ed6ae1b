"""Organizations that the project deactivates or does not know, on each kind of backend."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from django_scim_provider.api import generate_scim_token as generate_for_person
from django_scim_provider.management.examined_token import ProjectToken
from django_scim_provider.models import ProviderConnection
from django_scim_provider.organizations import MembershipModelBackend
from django_scim_provider.tokens.service import generate_scim_token
from django_scim_provider.tokens.wire import WireToken
from django_scim_provider.tools.doctor.examinations.token_state import (
    GOOD_HERE,
    ORGANIZATION_INACTIVE,
)
from tests.administration import url
from tests.factories import make_connection, make_token
from tests.people import make_organization, make_user, post
from tests.scim_client import CORE, SCIMTestClient
from tests.tenancy.models import Membership, Organization
from tests.test_query_budgets import statements

pytestmark = pytest.mark.django_db

BACKENDS = "django_scim_provider.organizations"
OWN = {"model": "tenancy.Membership", "active": "is_active", "organization_active": "is_open"}
SECRET = "s" * 32


class WithoutActivity(MembershipModelBackend):
    """A backend that cannot say which organizations are active."""

    is_active = None  # type: ignore[assignment]  # as if there were no such method


class OwnModels:
    """Organizations of the project, with a field that deactivates them."""

    settings: dict[str, Any] = {"MEMBERSHIP": OWN}  # noqa: RUF012 - never changed
    unknown = "gone"

    def make(self) -> str:
        return make_organization("corp").pk

    def switch(self, *, active: bool) -> None:
        Organization.objects.update(is_open=active)

    def delete(self) -> None:
        Organization.objects.all().delete()


class Package:
    """Those of django-organizations."""

    settings = {  # noqa: RUF012 - never changed
        "ORGANIZATION_BACKEND": f"{BACKENDS}.DjangoOrganizationsBackend"
    }
    unknown = "999"

    @property
    def _rows(self) -> Any:
        from organizations.models import Organization as Packaged

        return Packaged.objects

    def make(self) -> str:
        return str(self._rows.create(name="Corp").pk)

    def switch(self, *, active: bool) -> None:
        self._rows.update(is_active=active)

    def delete(self) -> None:
        self._rows.all().delete()


@pytest.fixture(params=[OwnModels, Package])
def world(request: Any, scim_settings: Any) -> Any:
    scim_settings(**request.param.settings)
    return request.param()


@pytest.mark.parametrize("end", ["deactivated", "deleted"])
def test_token_of_an_organization_that_ended_is_401(world: Any, end: str) -> None:
    wire = make_token(organization_id=world.make())
    client = SCIMTestClient(wire)
    before = post(client, "ann@x.example").status

    if end == "deleted":
        world.delete()
    else:
        world.switch(active=False)
    refused = [client.get("/Users").status, post(client, "bob@x.example").status]
    reason = ProjectToken(wire).why_refused().kind
    world.switch(active=True)
    again = client.get("/Users").status

    assert (before, refused) == (201, [401, 401])
    assert again == (401 if end == "deleted" else 200)
    assert reason == ORGANIZATION_INACTIVE


def test_token_of_the_settings_is_401_while_its_organization_is_not_active(
    world: Any, scim_settings: Any
) -> None:
    id = world.make()
    entry = {"provider_id": "default", "scim_token": SECRET, "organization_id": id}
    scim_settings(DEFAULT_SCIM=[entry])
    wire = WireToken(SECRET, "default", id).encode()
    client = SCIMTestClient(wire)

    world.switch(active=False)
    closed, reason = client.get("/Users").status, ProjectToken(wire).why_refused().kind
    made = ProviderConnection.objects.exists()
    world.switch(active=True)

    assert (closed, reason, made) == (401, ORGANIZATION_INACTIVE, False)
    assert client.get("/Users").status == 200
    assert ProjectToken(wire).why_refused().kind == GOOD_HERE


@pytest.mark.parametrize("kind", ["unknown", "deactivated", "no-key"])
def test_no_connection_is_made_for_an_organization_that_is_not_there(
    world: Any, root: Client, kind: str
) -> None:
    id = world.make()
    if kind == "deactivated":
        world.switch(active=False)
    else:
        id = world.unknown if kind == "unknown" else "no key at all"

    with pytest.raises(ValidationError, match="no such organization"):
        generate_scim_token("acme", organization_id=id)
    with pytest.raises(CommandError, match="no such organization"):
        call_command("scim_generate_token", "acme", "--organization", id)
    answers = {"provider_id": "acme", "profile": "generic", "organization_id": id}
    page = root.post(url(ProviderConnection, "add"), answers)
    with pytest.raises((ValidationError, PermissionDenied)):
        generate_for_person(make_user("ann"), "acme", id)

    assert page.status_code == 200
    assert b"There is no such organization" in page.content
    assert not ProviderConnection.objects.exists()


def test_management_api_answers_400_for_a_deactivated_organization(scim_settings: Any) -> None:
    scim_settings(MEMBERSHIP={**OWN, "organization_active": None}, ORGANIZATION_BACKEND=CLOSED)
    make_organization("corp", **{"ann@x.example": "admin"})
    client = Client()
    client.force_login(
        Membership.objects.get().user, backend="django.contrib.auth.backends.ModelBackend"
    )

    answer = client.post(
        "/scim/generate-token",
        {"providerId": "acme", "organizationId": "corp"},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert not ProviderConnection.objects.exists()


class Closed(MembershipModelBackend):
    """A project that closes organizations elsewhere, and leaves their members as they are."""

    def is_active(self, organization_id: str) -> bool:
        return False


CLOSED = f"{__name__}.Closed"


def test_members_of_a_deactivated_organization_are_members_of_none(scim_settings: Any) -> None:
    scim_settings(MEMBERSHIP=OWN)
    make_organization("corp", **{"ann@x.example": "admin"})
    user = Membership.objects.get().user
    backend = MembershipModelBackend(using="default")
    before = (list(backend.memberships(user)), set(backend.memberships_of([user])))

    Organization.objects.update(is_open=False)

    assert before == (["corp"], {user.pk})
    assert (backend.memberships(user), backend.memberships_of([user])) == ({}, {})


def test_backend_that_cannot_say_is_not_asked(scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{__name__}.WithoutActivity")

    client = SCIMTestClient(make_token(organization_id="anywhere"))

    assert client.get("/Users").status == 200


def test_membership_that_holds_the_id_alone_knows_every_organization(scim_settings: Any) -> None:
    scim_settings(MEMBERSHIP={"model": "tenancy.Membership", "organization": "role"})

    with statements() as asked:
        known = MembershipModelBackend(using="default").is_active("anywhere")

    assert (known, asked) == (True, [])


def test_one_query_more_and_for_organizations_only(world: Any) -> None:
    of_organization = SCIMTestClient(make_token(organization_id=world.make()))
    personal = SCIMTestClient(make_token(provider_id="other"))
    numbers: list[int] = []
    for client in (of_organization, personal):
        id = post(client, f"{len(numbers)}@x.example").json["id"]
        with statements() as asked:
            client.get(f"/Users/{id}")
        numbers.append(len(asked))

    assert numbers == [3, 2]


@pytest.mark.parametrize("state", ["active", "deactivated", "unknown"])
def test_settings_are_checked_against_the_organizations(
    world: Any, scim_settings: Any, state: str
) -> None:
    id = world.make()
    world.switch(active=state != "deactivated")
    id = world.unknown if state == "unknown" else id
    entry = {"provider_id": "default", "scim_token": SECRET, "organization_id": id}
    scim_settings(DEFAULT_SCIM=[{"provider_id": "x", "scim_token": SECRET}, entry])

    asked, not_asked = run_checks(databases=["default"]), run_checks()

    found = [message for message in asked if message.id == "scim_provider.W012"]
    assert len(found) == (0 if state == "active" else 1)
    assert all("['DEFAULT_SCIM'][1]" in message.msg for message in found)
    assert not [message for message in not_asked if message.id == "scim_provider.W012"]


def test_connection_from_before_is_closed_too(world: Any) -> None:
    id = world.make()
    make_connection(organization_id=id)
    client = SCIMTestClient(make_token())
    world.delete()

    body = {"schemas": [CORE], "userName": "ann@x.example"}
    assert client.request("POST", "/Users", body).status == 401
