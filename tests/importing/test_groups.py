"""Groups of another implementation, with their members and what Django's groups stood for."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from django_scim_provider.importing import (
    ImportedGroup,
    ImportedPerson,
    ImportOptions,
    ImportReport,
    ReportLine,
    import_groups,
    import_people,
)
from django_scim_provider.models import ProviderConnection, RoleGrant, RoleMapping
from tests.people import connect, make_user
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
KEEP = ImportOptions(keep_django_groups=True)


@pytest.fixture
def client() -> SCIMTestClient:
    """Return the client of a connection that has imported ann as 1 and bob as 2."""
    found = connect()
    people = [
        ImportedPerson(user=make_user(name), id=id) for name, id in (("ann", "1"), ("bob", "2"))
    ]
    import_people(acme(), people)
    return found


def acme() -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


def team(id: str | None = "1", **more: Any) -> ImportedGroup:
    """Return a group whose id a user may have as well."""
    resource = {"displayName": "Team", "externalId": "g-1", **more.pop("resource", {})}
    return ImportedGroup(id=id, resource=resource, name="group", **more)


def told(*groups: ImportedGroup, options: ImportOptions | None = None) -> list[str]:
    lines: list[ReportLine] = []
    import_groups(acme(), groups, options=options, report=ImportReport(lines.append))
    return [f"{line.outcome}: {line.reason}".removesuffix(": ") for line in lines]


def members(client: SCIMTestClient, id: str = "1") -> list[str]:
    found = client.get(f"/Groups/{id}").json
    return sorted(member["value"] for member in found.get("members", ()))


def remove(client: SCIMTestClient, member: str) -> None:
    operation = {"op": "remove", "path": f'members[value eq "{member}"]'}
    assert client.patch("/Groups/1", operation).status in (200, 204)


def test_group_comes_with_its_members(client: SCIMTestClient) -> None:
    nobody = make_user("nobody")

    done = told(
        team(users=[*_users("ann", "bob"), nobody.pk]),
        team("2", members=["1", "9"], resource={"displayName": "Ids"}),
        team("3", resource={"displayName": ""}),
    )

    assert done == [
        "imported: 1 member was left out, who has no account",
        "imported: 1 member was left out, who has no account",
        "skipped: displayName is required.",
    ]
    found = client.get("/Groups/1").json
    assert (found["displayName"], found["externalId"]) == ("Team", "g-1")
    assert members(client) == ["1", "2"]
    assert members(client, "2") == ["1"]


def test_group_that_is_there_is_left_alone(client: SCIMTestClient) -> None:
    both = team(users=_users("ann", "bob"))
    told(both)
    remove(client, "2")

    assert told(both) == ["there"]
    assert members(client) == ["1"]


def test_group_without_an_id_is_found_again(client: SCIMTestClient) -> None:
    assert told(team(None, members=["1"]), team(None, members=["1"])) == ["imported", "there"]


def test_dry_run_makes_no_group(client: SCIMTestClient) -> None:
    assert told(team(members=["1"]), options=ImportOptions(dry_run=True)) == ["imported"]
    assert client.get("/Groups").json["totalResults"] == 0


def test_who_leaves_a_group_that_was_a_django_group_loses_it(client: SCIMTestClient) -> None:
    staff = Group.objects.create(name="Team")
    staff.user_set.set(_users("ann", "bob"))
    both = team(users=_users("ann", "bob"), django_group=staff.pk)

    assert told(both, options=KEEP) == ["imported"]
    assert told(both, options=KEEP) == ["there"]
    mapping = RoleMapping.objects.get()
    assert (mapping.match_by, mapping.value, mapping.django_group) == ("id", "1", staff)
    assert RoleGrant.objects.count() == 2
    remove(client, "2")
    assert list(staff.user_set.values_list("username", flat=True)) == ["ann"]


def test_django_groups_stay_by_hand_unless_they_are_kept(client: SCIMTestClient) -> None:
    staff = Group.objects.create(name="Team")
    staff.user_set.set(_users("bob"))

    told(team(users=_users("bob"), django_group=staff.pk))
    remove(client, "2")

    assert staff.user_set.count() == 1


def _users(*names: str) -> list[Any]:
    rows = get_user_model().objects.filter(username__in=names).order_by("pk")
    return list(rows.values_list("pk", flat=True))
