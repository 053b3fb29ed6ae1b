"""Groups in their first form, and the signals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from django_scim_provider import signals
from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db


def make_group(client: SCIMTestClient, name: str, *members: str, **more: Any) -> dict[str, Any]:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": m} for m in members]}
    answer = client.request("POST", "/Groups", {**body, **more})
    assert answer.status == 201, answer.text
    created: dict[str, Any] = answer.json
    return created


@pytest.fixture
def people(scim_client: SCIMTestClient) -> list[str]:
    return [scim_client.create_user(f"user{number}")["id"] for number in range(3)]


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
        ('members.value co "-"', "abd"),
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
        ('groups.value sw "0"', ["user0", "user1"]),
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


def test_taken_external_id_is_409(scim_client: SCIMTestClient) -> None:
    make_group(scim_client, "a", externalId="e")
    other = make_group(scim_client, "b")
    body = {"schemas": [GROUP], "displayName": "c", "externalId": "e"}

    created = scim_client.request("POST", "/Groups", body)
    changed = scim_client.request("PUT", f"/Groups/{other['id']}", body)

    assert (created.status, changed.status) == (409, 409)


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


def test_profile_of_another_source_is_left_alone(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example", name={"givenName": "Ann"})
    LinkedAccount.objects.update(manages_profile=False)

    operation = {"op": "replace", "path": "userName", "value": "new@x.example"}
    scim_client.patch(f"/Users/{user['id']}", operation)

    assert LinkedAccount.objects.get().user.get_username() == "ann@x.example"


def test_protected_user_is_deactivated_instead_of_deleted(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = scim_client.create_user("ann@x.example")
    host_user = LinkedAccount.objects.get().user

    def refuse(self: DefaultAdapter, user: Any) -> None:
        raise ProtectedError("referred to", set())

    monkeypatch.setattr(DefaultAdapter, "delete_user", refuse)
    answer = scim_client.request("DELETE", f"/Users/{user['id']}")

    host_user.refresh_from_db()
    assert answer.status == 204
    assert not host_user.is_active
    assert not LinkedAccount.objects.exists()


def test_broken_constraint_of_the_host_is_a_fault_and_no_conflict(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: DefaultAdapter, *args: Any) -> None:
        raise IntegrityError("NOT NULL constraint failed: host_user.country")

    monkeypatch.setattr(DefaultAdapter, "create_user", fail)
    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert answer.status == 500
    assert "country" not in answer.text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('userName sw "\U0010ffff"', "\U0010ffffx"),
        ('userName co ""', "a\U0010ffffx"),
        ('name[givenName eq "Ann" and not (familyName pr)]', "a"),
        ('id sw "0"', "a\U0010ffffx"),
        ('id ne "x" and meta.created co "Z"', "a\U0010ffffx"),
        ('meta.created ne "2000-01-01T00:00:00Z"', "a\U0010ffffx"),
        ("title ne null or name pr", "a"),
    ],
)
def test_rare_filters(scim_client: SCIMTestClient, expression: str, expected: str) -> None:
    scim_client.create_user("a", name={"givenName": "Ann"})
    scim_client.create_user("\U0010ffffx")

    found = scim_client.find(expression).json["Resources"]

    assert "".join(user["userName"] for user in found) == expected


def test_deep_pages_are_the_same(
    scim_client: SCIMTestClient, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/Users?startIndex=2&count=2"
    shallow = [scim_client.get(f"{path}{sort}").json for sort in ("", "&sortBy=title")]

    monkeypatch.setattr("django_scim_provider.storage.paging.DEEP_OFFSET", 1)

    assert [scim_client.get(f"{path}{sort}").json for sort in ("", "&sortBy=title")] == shallow


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("by", ["meta.created", "meta.lastModified", "id", "active", "externalId"])
def test_cursor_follows_any_order(
    scim_client: SCIMTestClient, people: list[str], by: str, order: str
) -> None:
    query = f"/Users?sortBy={by}&sortOrder={order}"
    whole = [user["id"] for user in scim_client.get(query).json["Resources"]]
    found, cursor = [], ""
    while True:
        page = scim_client.get(f"{query}&count=1&cursor={cursor}").json
        found += [user["id"] for user in page["Resources"]]
        if "nextCursor" not in page:
            break
        cursor = page["nextCursor"]

    assert found == whole


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
