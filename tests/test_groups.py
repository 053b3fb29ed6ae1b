"""Groups in their first form, and the signals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from django_scim_provider import signals
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db


def make_group(client: SCIMTestClient, name: str, *members: str, **more: Any) -> dict[str, Any]:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": m} for m in members]}
    answer = client.request("POST", "/Groups", {**body, **more})
    assert answer.status == 201, answer.text
    created: dict[str, Any] = answer.json
    return created


def test_members_are_shown_with_their_kind(scim_client: SCIMTestClient, people: list[str]) -> None:
    child = make_group(scim_client, "child")
    group = make_group(scim_client, "parent", people[0], child["id"])

    shown = scim_client.get(f"/Groups/{group['id']}").json["members"]

    assert [(m["value"], m["type"], m["display"]) for m in shown] == [
        (people[0], "User", "user0"),
        (child["id"], "Group", "child"),
    ]
    assert scim_client.get(shown[0]["$ref"].partition("/scim/v2")[2]).status == 200


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('members.value eq "{0}"', "ab"),
        ('members eq "{1}"', "b"),
        ('members[value eq "{0}"]', "ab"),
        ('members[value eq "{0}" and type eq "User"]', "ab"),
        ('members[type eq "Group"]', "d"),
        ("members pr", "abd"),
        ("not (members pr)", "c"),
        ("members.value pr", "abd"),
        ('members.value eq "x"', ""),
        ('members.value sw "{0}"', "ab"),
        ('members.value co "{0}"', "ab"),
        ('members[value ne "{0}"]', "bd"),
        ('not (members[value ne "{0}"])', "ac"),
        ('members[value eq "{0}" or value eq "{1}"]', "ab"),
        ('members[value eq "{1}" or type eq "group"]', "bd"),
        ('members.display eq "USER1"', "b"),
        ('members.display sw "c"', "d"),
        ('members[display co "user" and type eq "User"]', "ab"),
        ('members.type ne "User"', "d"),
        ('members.$ref ew "/Users/{1}"', "b"),
        ('members.$ref co "/scim/v2/Groups/"', "d"),
        ('members.display gt "user0"', "b"),
        ("members[display pr]", "abd"),
        ('displayName sw "B" or externalId eq "e"', "bc"),
        ('displayName co ""', "abcd"),
        ('id ne "x"', "abcd"),
        ('meta.created co "T"', "abcd"),
        ('meta.lastModified ne "2000-01-01T00:00:00Z"', "abcd"),
    ],
)
def test_group_filter(
    scim_client: SCIMTestClient, people: list[str], expression: str, expected: str
) -> None:
    make_group(scim_client, "a", people[0])
    make_group(scim_client, "b", people[0], people[1])
    empty = make_group(scim_client, "c", externalId="e")
    make_group(scim_client, "d", empty["id"])

    found = scim_client.find(expression.format(*people), "Groups").json["Resources"]

    assert "".join(group["displayName"] for group in found) == expected


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('groups.value eq "{inner}"', ["user0", "user1"]),
        ('groups.value eq "{outer}"', ["user0", "user1"]),
        ('groups[value eq "{inner}" and value eq "x"]', []),
        ('groups.value ne "{inner}"', ["user0", "user1"]),
        ('not (groups.value eq "{other}")', ["user0", "user2"]),
        ('groups.value sw "{inner}"', ["user0", "user1"]),
        ('groups eq "x"', []),
        ("groups pr", ["user0", "user1"]),
        ("groups.value pr", ["user0", "user1"]),
        ('groups.display eq "OTHER"', ["user1"]),
        ('not (groups.display eq "other")', ["user0", "user2"]),
        ('groups.display co "ut"', ["user0", "user1"]),
        ('groups.type eq "direct"', ["user0", "user1"]),
        ('groups.type eq "Indirect"', ["user0"]),
        ('groups[type eq "indirect" and display eq "outer"]', ["user0"]),
        ('groups[type eq "direct" and display eq "outer"]', ["user1"]),
        ('groups[not (type eq "direct")]', ["user0"]),
        ('groups.$ref ew "/Groups/{other}"', ["user1"]),
        ('groups.$ref co "/Users/"', []),
    ],
)
def test_users_by_group(
    scim_client: SCIMTestClient, people: list[str], expression: str, names: list[str]
) -> None:
    inner = make_group(scim_client, "inner", people[0], people[1])["id"]
    outer = make_group(scim_client, "outer", inner, people[1])["id"]
    other = make_group(scim_client, "other", people[1])["id"]

    asked = expression.format(inner=inner, outer=outer, other=other)
    found = scim_client.find(asked).json["Resources"]

    assert [user["userName"] for user in found] == names


def test_external_id_may_be_that_of_another_group(scim_client: SCIMTestClient) -> None:
    first = make_group(scim_client, "a", externalId="e")
    other = make_group(scim_client, "b")
    body = {"schemas": [GROUP], "displayName": "c", "externalId": "e"}

    created = scim_client.request("POST", "/Groups", body)
    changed = scim_client.request("PUT", f"/Groups/{other['id']}", body)

    assert (created.status, changed.status) == (201, 200)
    found = scim_client.get('/Groups?filter=externalId eq "e"').json["Resources"]
    assert [group["id"] for group in found] == [first["id"], other["id"], created.json["id"]]


def test_deleted_user_leaves_its_groups(scim_client: SCIMTestClient, people: list[str]) -> None:
    group = make_group(scim_client, "a", *people)

    scim_client.request("DELETE", f"/Users/{people[0]}")

    members = scim_client.get(f"/Groups/{group['id']}").json["members"]
    assert [member["value"] for member in members] == people[1:]


def test_patch_answers_204_unless_attributes_are_asked_for(
    scim_client: SCIMTestClient, people: list[str]
) -> None:
    path = f"/Groups/{make_group(scim_client, 'a')['id']}"
    operation = {"op": "add", "path": "members", "value": [{"value": people[0]}]}

    silent = scim_client.patch(path, operation)
    asked = scim_client.patch(f"{path}?attributes=members", operation)

    assert (silent.status, silent.text) == (204, "")
    assert [member["value"] for member in asked.json["members"]] == people[:1]


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Yield the names of the signals that are sent."""
    found: list[str] = []
    names = [
        "user_provisioned",
        "user_updated",
        "user_deactivated",
        "user_deprovisioned",
        "group_changed",
    ]
    with ExitStack() as ends:
        for name in names:

            def note(name: str = name, **sent: Any) -> None:
                found.append(name)

            signal = getattr(signals, name)
            signal.connect(note, weak=False)
            ends.callback(signal.disconnect, note)
        yield found


@pytest.mark.django_db(transaction=True)
def test_signals_tell_what_happened(scim_client: SCIMTestClient, heard: list[str]) -> None:
    user = scim_client.create_user("ann@x.example")
    path = f"/Users/{user['id']}"
    scim_client.patch(path, {"op": "replace", "path": "title", "value": "T"})
    scim_client.patch(path, {"op": "replace", "path": "title", "value": "T"})
    scim_client.patch(path, {"op": "replace", "path": "active", "value": False})
    scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann@x.example"})
    make_group(scim_client, "a")
    scim_client.request("DELETE", path)

    assert heard == [
        "user_provisioned",
        "user_updated",
        "user_deactivated",
        "group_changed",
        "user_deprovisioned",
    ]


@pytest.mark.parametrize(
    ("path", "left"), [('members[display eq "user0"]', 2), ('members[display eq "nobody"]', 3)]
)
def test_members_are_removed_by_what_only_they_say(
    scim_client: SCIMTestClient, people: list[str], path: str, left: int
) -> None:
    group = make_group(scim_client, "a", *people)

    answer = scim_client.patch(
        f"/Groups/{group['id']}?attributes=members", {"op": "remove", "path": path}
    )

    assert answer.status == 200
    assert len(answer.json["members"]) == left
    assert answer.json["id"] == group["id"]
