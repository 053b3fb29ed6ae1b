"""``members[].display`` is the name that people read (RFC 7643 section 2.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import connect, post
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("7643", "2.4", "MAY")]

LONG = "ß" * 3000
WIDE = "\uff21\uff2e\uff2e"
"""ANN in letters of full width."""
NAMES: list[tuple[dict[str, Any], str | None]] = [
    ({"displayName": "Ann A."}, "Ann A."),
    ({"displayName": "Ann A.", "name": {"formatted": "Ms. Ann"}}, "Ann A."),
    ({"name": {"formatted": "Ms. Ann"}}, "Ms. Ann"),
    ({"displayName": "", "name": {"formatted": "Ms. Ann"}}, "Ms. Ann"),
    ({"name": {"givenName": "Ann", "familyName": "A."}}, None),
    ({}, None),
    ({"displayName": WIDE}, WIDE),
    ({"displayName": LONG}, LONG),
]


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def group_of(client: SCIMTestClient, *ids: str, name: str = "team") -> str:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": id} for id in ids]}
    answer = client.request("POST", "/Groups", body)
    assert answer.status == 201, answer.text
    return f"/Groups/{answer.json['id']}"


def displays(client: SCIMTestClient, path: str) -> list[str | None]:
    """Return what GET, a list, a search and a PATCH show, which is the same."""
    one = client.get(path).json["members"]
    query = f'id eq "{path.rpartition("/")[2]}"'
    (listed,) = client.find(query, "Groups").json["Resources"]
    (found,) = client.request("POST", "/Groups/.search", {"filter": query}).json["Resources"]
    patched = client.patch(f"{path}?attributes=members", {"op": "add", "value": {}}).json
    assert listed["members"] == found["members"] == patched["members"] == one
    return [member.get("display") for member in one]


def named(client: SCIMTestClient, expression: str) -> int:
    """Return how many groups a filter finds, asked in both forms."""
    dotted = client.find(f"members.{expression}", "Groups").json["totalResults"]
    assert client.find(f"members[{expression}]", "Groups").json["totalResults"] == dotted
    return int(dotted)


@pytest.mark.parametrize(("names", "shown"), NAMES)
@pytest.mark.parametrize("profile", ["generic", "strict"])
def test_it_is_the_name_of_the_user(profile: str, names: dict[str, Any], shown: str | None) -> None:
    client = connect(profile=profile)
    path = group_of(client, post(client, "ann", **names).json["id"])

    (member,) = client.get(path).json["members"]
    assert member.get("display") == shown
    assert ("display" in member) == (shown is not None)
    if shown is not None and len(shown) < 100:
        assert named(client, f'display eq "{shown.lower()}"') == 1
    assert named(client, "display pr") == int(shown is not None)
    assert named(client, 'display eq "ann"') == int(shown == WIDE)


def test_it_follows_the_name(client: SCIMTestClient) -> None:
    ann = post(client, "ann", displayName="Ann").json
    inner = group_of(client, name="inner")
    path = group_of(client, ann["id"], inner.rpartition("/")[2])
    assert displays(client, path) == ["Ann", "inner"]

    client.patch(f"/Users/{ann['id']}", {"op": "replace", "path": "displayName", "value": "Eve"})
    client.patch(inner, {"op": "replace", "path": "displayName", "value": "core"})
    assert displays(client, path) == ["Eve", "core"]
    assert [named(client, f'display eq "{n}"') for n in ("ann", "EVE", "inner", "core")] == [
        *(0, 1, 0, 1)
    ]

    body = {"schemas": [CORE], "userName": "ann", "name": {"formatted": "Ann B."}}
    client.request("PUT", f"/Users/{ann['id']}", body)
    assert displays(client, path) == ["Ann B.", "core"]
    client.patch(f"/Users/{ann['id']}", {"op": "remove", "path": "name"})
    assert displays(client, path) == [None, "core"]
    # As for every attribute: a value without a name is another one, and has none that differs.
    found = {
        each: client.find(each, "Groups").json["totalResults"]
        for each in (
            'members[display ne "core"]',
            'members[not (display eq "core")]',
            'members.display ne "core"',
        )
    }
    assert list(found.values()) == [1, 1, 0]


def test_what_clients_send_is_not_taken_for_it(client: SCIMTestClient) -> None:
    ann = post(client, "ann", displayName="Ann").json
    member = {"value": ann["id"], "display": "Somebody else"}
    body = {"schemas": [GROUP], "displayName": "g", "members": [member]}
    made = client.request("POST", "/Groups", body).json
    path = f"/Groups/{made['id']}"

    client.patch(path, {"op": "add", "path": "members", "value": [member]})
    client.request("PUT", path, body)

    assert displays(client, path) == ["Ann"]


def test_members_are_removed_by_it(client: SCIMTestClient) -> None:
    people = ("Ann", "Bob", None)
    ids = [
        post(client, f"user{n}", **({} if name is None else {"displayName": name})).json["id"]
        for n, name in enumerate(people)
    ]
    path = group_of(client, *ids)

    client.patch(path, {"op": "remove", "path": 'members[display eq "user2"]'})
    assert displays(client, path) == ["Ann", "Bob", None]
    client.patch(path, {"op": "remove", "path": 'members[display eq "ANN"]'})
    assert displays(client, path) == ["Bob", None]
    client.patch(path, {"op": "remove", "path": "members[not (display pr)]"})
    assert displays(client, path) == ["Bob"]


def test_it_is_shown_only_where_it_is_asked_for(client: SCIMTestClient) -> None:
    path = group_of(client, post(client, "ann", displayName="Ann").json["id"])

    only = client.get(f"{path}?attributes=members.display").json["members"]
    without = client.get(f"{path}?excludedAttributes=members.display").json["members"]

    assert only == [{"display": "Ann"}]
    assert "display" not in without[0]
