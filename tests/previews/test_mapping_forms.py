"""Groups and roles are chosen; what does not exist is said, and never green."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import ProvisionedGroup, RoleMapping
from django_scim_provider.organizations import MembershipModelBackend
from tests.administration import confirmed, logged_in, staff, url
from tests.factories import make_connection
from tests.people import connect, make_organization
from tests.previews.conftest import Company, text_of
from tests.tenancy.models import Membership, Organization
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


class Offering(MembershipModelBackend):
    """A project that says which roles there are."""

    def offered_roles(self, organization_ids: Any) -> Any:
        return dict.fromkeys(organization_ids, ("admin", "auditor"))


def test_connection_is_chosen_first(root: Client, company: Company) -> None:
    address = url(RoleMapping, "add")

    first = root.get(address).content.decode()
    sent = root.post(address, {"provider": "acme", "_chosen": "yes"})
    second = root.get(sent.headers["Location"]).content.decode()

    assert ('name="group"' in first, 'name="_chosen"' in first) == (False, True)
    assert ('name="group"' in second, 'name="_chosen"' in second) == (True, False)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"group": ""}, "Choose a group, or type the name"),
        ({"group_name": "x"}, "Choose a group or type a name, not both"),
        ({"match_by": "externalId"}, "has given the group no externalId"),
        ({"match_by": "colour"}, "Select a valid choice"),
    ],
    ids=["none", "both", "no-external-id", "no-such-way"],
)
def test_what_is_wrong_is_said(
    root: Client, company: Company, answers: dict[str, str], said: str
) -> None:
    page = root.post(url(RoleMapping, "add"), company.answers(**answers))

    assert said in text_of(page)
    assert not RoleMapping.objects.exists()


def test_mapping_follows_what_is_chosen(root: Client, company: Company) -> None:
    ProvisionedGroup.objects.update(external_id="00g1")
    for way in ("id", "externalId", "displayName"):
        company.map(root, match_by=way)

    assert set(RoleMapping.objects.values_list("match_by", "value")) == {
        ("id", company.team["id"]),
        ("externalId", "00g1"),
        ("displayName", "Team"),
    }


def test_name_of_a_group_to_come_waits_for_it(root: Client, company: Company) -> None:
    company.map(root, group="", group_name="Night shift")
    listed = text_of(root.get(url(RoleMapping, "changelist")))
    make_group(company.scim, "Night shift", company.bob["id"])

    assert "has pushed no group of this name" in listed
    assert "in force" in text_of(root.get(url(RoleMapping, "changelist")))
    assert company.in_crew() == ["bob"]


def test_group_that_is_deleted_is_a_warning(root: Client, company: Company) -> None:
    company.map(root)
    company.scim.request("DELETE", f"/Groups/{company.team['id']}")
    mapping = RoleMapping.objects.get()

    listed = text_of(root.get(url(RoleMapping, "changelist")))
    page = text_of(root.get(url(RoleMapping, "change", mapping.pk)))

    for said in (listed, page):
        assert "has deleted the group" in said
    assert "in force" not in listed
    assert company.team["id"] not in listed


def test_role_of_a_mapping_whose_group_is_gone_can_be_changed(
    root: Client, company: Company
) -> None:
    mapping = RoleMapping.objects.create(
        provider_id="acme", value="gone", organization_role="admin"
    )
    answers = company.answers(group="", organization_role="")

    confirmed(root, url(RoleMapping, "change", mapping.pk), answers)

    mapping.refresh_from_db()
    assert (mapping.value, mapping.match_by) == ("gone", "id")
    assert mapping.django_group == company.crew


def test_group_that_is_there_is_not_left_out(root: Client, company: Company) -> None:
    company.map(root)
    mapping = RoleMapping.objects.get()

    page = root.post(url(RoleMapping, "change", mapping.pk), company.answers(group=""))

    assert "Choose a group, or type the name" in text_of(page)


def test_waiting_name_is_replaced_by_a_group(root: Client, company: Company) -> None:
    mapping = RoleMapping.objects.create(
        provider_id="acme", match_by="displayName", value="Soon", django_group=company.crew
    )
    address = url(RoleMapping, "change", mapping.pk)
    page = root.get(address).content.decode()

    confirmed(root, address, company.answers(group_name="Soon"))

    mapping.refresh_from_db()
    assert 'value="Soon"' in page
    assert (mapping.match_by, mapping.value) == ("id", company.team["id"])


def test_roles_are_choices_where_the_project_says_which(root: Client, scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{__name__}.Offering")
    connect("corp", "o1")
    eve = staff("eve", "add_rolemapping", "view_rolemapping")
    Membership.objects.create(user=eve, organization_id="o1", role="auditor")
    address = f"{url(RoleMapping, 'add')}?provider=corp"

    pages = [client.get(address).content.decode() for client in (root, logged_in(eve))]

    assert [('value="admin"' in page, 'value="auditor"' in page) for page in pages] == [
        (True, True),
        (False, True),
    ]


def test_role_that_is_gone_is_a_warning(root: Client, scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{__name__}.Offering")
    make_group(connect("corp", "o1"), "Team")
    by_name = {"provider_id": "corp", "match_by": "displayName", "value": "Team"}
    mapping = RoleMapping.objects.create(**by_name, organization_role="billing")
    RoleMapping.objects.create(**by_name, project_role="editor")

    listed = text_of(root.get(url(RoleMapping, "changelist")))
    page = root.get(url(RoleMapping, "change", mapping.pk)).content.decode()

    assert listed.count("There is no such role any more") == 2
    assert "in force" not in listed
    assert "billing (not offered)" in page


def test_organization_that_is_gone_is_a_warning(root: Client) -> None:
    make_group(connect("corp", "o1"), "Team")
    RoleMapping.objects.create(
        provider_id="corp", match_by="displayName", value="Team", organization_role="admin"
    )
    in_force = text_of(root.get(url(RoleMapping, "changelist")))
    Organization.objects.all().delete()

    assert "in force" in in_force
    assert "does not exist, or is not active" in text_of(root.get(url(RoleMapping, "changelist")))


def test_names_of_groups_are_for_those_who_may_see_them(company: Company) -> None:
    RoleMapping.objects.create(
        provider_id="acme", value=company.team["id"], django_group=company.crew
    )
    mapping = RoleMapping.objects.get()
    client = logged_in(staff("eve", "view_rolemapping"))

    for page in (url(RoleMapping, "changelist"), url(RoleMapping, "change", mapping.pk)):
        said = text_of(client.get(page))
        assert "crew" in said
        assert "Team" not in said


def test_several_groups_of_a_name_are_counted(root: Client, company: Company) -> None:
    make_group(company.scim, "Team")
    RoleMapping.objects.create(
        provider_id="acme", match_by="externalId", value="e", django_group=company.crew
    )
    ProvisionedGroup.objects.update(external_id="e")

    assert "Team and 1 more" in text_of(root.get(url(RoleMapping, "changelist")))


def test_list_takes_the_same_statements_for_any_number(root: Client, company: Company) -> None:
    address = url(RoleMapping, "changelist")

    def statements() -> int:
        with CaptureQueriesContext(database) as caught:
            root.get(address)
        return len(caught)

    make_organization("o1")
    make_connection(provider_id="c0", organization_id="o1")
    ways = ("id", "externalId", "displayName")

    def fill(provider_id: str) -> None:
        for way in ways:
            RoleMapping.objects.create(
                provider_id=provider_id, match_by=way, value="v", organization_role="admin"
            )

    fill("c0")
    statements()
    few = statements()
    for number in range(1, 8):
        make_connection(provider_id=f"c{number}", organization_id="o1")
        fill(f"c{number}")

    assert statements() == few
