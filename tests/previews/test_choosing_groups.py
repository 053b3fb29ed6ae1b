"""The group of a mapping: how one gets to it, who finds it, and what is none."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from django_scim_provider.models import ProvisionedGroup, RoleMapping
from tests.administration import logged_in, staff, url
from tests.factories import make_connection
from tests.people import connect
from tests.previews.conftest import Company, text_of
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


def found(client: Client, **asked: str) -> Any:
    return client.get(reverse("admin:scim_provider_rolemapping_groups"), asked)


def names(answer: Any) -> list[str]:
    return [each["text"] for each in orjson.loads(answer.content)["results"]]


def test_list_of_a_connection_leads_to_a_mapping_of_its_groups(
    root: Client, company: Company
) -> None:
    page = root.get(url(RoleMapping, "changelist"), {"provider": "acme"}).content.decode()
    link = re.findall(r'href="([^"]+rolemapping/add/[^"]*)"', page)[-1]

    form = root.get(html.unescape(link)).content.decode()

    assert 'name="group"' in form
    assert '<input type="hidden" name="provider" value="acme"' in form


def test_map_this_group_fills_in_connection_and_group(root: Client, company: Company) -> None:
    page = root.get(url(ProvisionedGroup, "change", company.team["id"]))
    listed = root.get(url(ProvisionedGroup, "changelist"))
    link = f"{url(RoleMapping, 'add')}?provider=acme&amp;group={company.team['id']}"

    form = root.get(link.replace("&amp;", "&")).content.decode()

    assert link in page.content.decode()
    assert link in listed.content.decode()
    assert f'<option value="{company.team["id"]}" selected>Team</option>' in form


def test_nobody_is_shown_the_way_to_what_they_may_not_do(company: Company) -> None:
    client = logged_in(staff("eve", "view_provisionedgroup"))

    for page in ("change", "changelist"):
        arguments = [company.team["id"]] if page == "change" else []
        shown = client.get(url(ProvisionedGroup, page, *arguments)).content.decode()
        assert "rolemapping/add" not in shown


def test_group_shows_what_its_members_get(root: Client, company: Company) -> None:
    company.map(root)
    RoleMapping.objects.create(provider_id="acme", value="x", django_group=company.crew)

    page = root.get(url(ProvisionedGroup, "change", company.team["id"]))

    assert text_of(page).count("Django group crew") == 1


def test_groups_of_the_connection_are_found_by_name(root: Client, company: Company) -> None:
    make_group(company.scim, "Guests")
    make_group(connect("other"), "Team of others")

    assert names(found(root, provider="acme")) == ["Guests", "Team"]
    assert names(found(root, provider="acme", term="TEA")) == ["Team"]
    assert names(found(root, provider="acme", term="te\x00a")) == ["Team"]
    assert names(found(root, provider="acme", term="x" * 65536)) == []


@pytest.mark.parametrize(
    "permissions",
    [(), ("view_provisionedgroup",), ("add_rolemapping",)],
    ids=["none", "sees-groups", "maps"],
)
def test_groups_are_found_by_who_may_map_and_see_them(
    company: Company, permissions: tuple[str, ...]
) -> None:
    client = logged_in(staff("eve", *permissions))
    both = logged_in(staff("zoe", "view_provisionedgroup", "change_rolemapping"))

    assert found(client, provider="acme").status_code == 403
    assert names(found(both, provider="acme")) == ["Team"]


def test_groups_of_the_connections_of_others_are_not_found(company: Company) -> None:
    make_connection(provider_id="theirs", owner=staff("boss"))
    client = logged_in(staff("eve", "view_provisionedgroup", "add_rolemapping"))

    assert {found(client, provider=id).status_code for id in ("theirs", "none", "")} == {403}


def test_group_of_another_connection_is_no_choice(root: Client, company: Company) -> None:
    other = make_group(connect("other"), "Others")

    page = root.post(url(RoleMapping, "add"), company.answers(group=other["id"]))

    assert "The connection has no such group." in text_of(page)


@pytest.mark.parametrize("group", ["no-uuid", "\x00"])
def test_what_is_no_group_is_no_choice(root: Client, company: Company, group: str) -> None:
    page = root.post(url(RoleMapping, "add"), company.answers(group=group))

    assert page.status_code == 200
    assert not RoleMapping.objects.exists()
