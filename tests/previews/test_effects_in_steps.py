"""What a mapping does to more people than a request manages follows in steps."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_scim_provider.models import RoleMapping
from django_scim_provider.storage.roles.replay import reconcile_roles
from tests.administration import confirmed, logged_in, staff, url
from tests.people import post
from tests.previews.conftest import Company, text_of, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_scim_provider.storage.roles.effects.CHUNK", 1)
    monkeypatch.setattr("django_scim_provider.admin.mapping_pages.effects_shown.LIMIT", 1)


def rest_of(answer: Any) -> str:
    """Return the address at which the others follow."""
    links = [re.search(r'href="([^"]+/rest/[^"]+)"', message) for message in told(answer)]
    return html.unescape(next(link for link in links if link is not None).group(1))


@pytest.mark.usefixtures("in_small_steps")
def test_more_than_a_request_does_follow_in_steps(root: Client, company: Company) -> None:
    joe = post(company.scim, "joe").json
    member = {"op": "add", "path": "members", "value": [{"value": joe["id"]}]}
    company.scim.patch(f"/Groups/{company.team['id']}", member)

    address = rest_of(company.map(root))
    first, page = company.in_crew(), root.get(address)
    second = root.post(address)
    path = address.split("?")[0]
    going_on = root.get(path + second.headers["Location"])
    last = root.post(path + second.headers["Location"])

    assert first == ["ann"]
    assert "data-scim-continues" not in page.content.decode()
    assert "data-scim-continues" in going_on.content.decode()
    assert "1 person gained it until now" in text_of(going_on)
    assert company.in_crew() == ["ann", "bob", "joe"]
    assert any("2 people gained it" in message for message in told(last))


@pytest.mark.usefixtures("in_small_steps")
def test_what_is_lost_follows_in_steps_as_well(root: Client, company: Company) -> None:
    RoleMapping.objects.create(
        provider_id="acme", value=company.team["id"], django_group=company.crew
    )
    reconcile_roles(company.connection)

    deleted = url(RoleMapping, "delete", RoleMapping.objects.get().pk)
    address = rest_of(confirmed(root, deleted, {"post": "yes"}))
    after_first = company.in_crew()
    root.post(address)

    assert (after_first, company.in_crew()) == (["bob"], [])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "provider=none&target=group:1",
        "provider=acme",
        "provider=acme&target=group:x",
        "provider=acme&target=group:99999999999999999999",
        "provider=acme&target=colour:red",
        "provider=acme&target=organization_role:",
        "provider=acme&target=group:1&after=x",
        "provider=acme&target=group:1&after=0:x",
    ],
)
def test_what_there_is_not_has_no_rest(root: Client, company: Company, query: str) -> None:
    address = f"{reverse('admin:scim_provider_rolemapping_rest')}?{query}"

    assert root.post(address).status_code == 404


def test_rest_is_for_those_who_may_change_mappings(company: Company) -> None:
    address = reverse("admin:scim_provider_rolemapping_rest")
    asked = {"provider": "acme", "target": "project_role:editor", "gained": "2", "lost": "x"}
    reader, writer = (logged_in(staff(name, f"{name}_rolemapping")) for name in ("view", "delete"))

    assert reader.get(address, asked).status_code == 403
    assert "2 people gained it until now, 0 lost it" in text_of(writer.get(address, asked))
