"""A value of which nothing is left but what no schema knows takes nothing away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.people import connect, post
from tests.scim_client import ENTERPRISE, GROUP
from tests.test_bulk import bulk, patch

pytestmark = pytest.mark.django_db

EMAILS: list[dict[str, Any]] = [
    {"value": "w@corp.example", "type": "work", "primary": True},
    {"value": "h@corp.example", "type": "home"},
]
HELD: dict[str, Any] = {
    "emails": EMAILS,
    "name": {"givenName": "Ann"},
    ENTERPRISE: {"manager": {"value": "m"}},
}
UNKNOWN: list[tuple[str, Any]] = [
    ("emails", [{"team": "x"}]),
    ("emails", {"team": "x"}),
    ("emails", [{"team": "x"}, {"colour": "red"}]),
    ('emails[type eq "work"]', {"team": "x"}),
    ('emails[type eq "work"]', [{"team": "x"}]),
    ("name", [{"team": "x"}]),
    (f"{ENTERPRISE}:manager", [{"team": "x"}]),
    (f"{ENTERPRISE}:manager", [{"displayName": "Mia"}]),
]


def held_of(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: resource.get(name) for name in HELD}


@pytest.mark.parametrize("profile", ["generic", "entra", "okta"])
@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(("path", "value"), UNKNOWN)
def test_values_stay(profile: str, op: str, path: str, value: Any) -> None:
    client = connect(profile=profile)
    id = post(client, "ann", **HELD).json["id"]

    by_path = client.patch(f"/Users/{id}", {"op": op, "path": path, "value": value})
    by_key = client.patch(f"/Users/{id}", {"op": op, "value": {path: value, "title": "Dr"}})
    in_bulk = bulk(client, patch(f"/Users/{id}", {"op": op, "path": path, "value": value}))

    assert (by_path.status, by_key.status, in_bulk.status) == (200, 200, 200)
    found = client.get(f"/Users/{id}").json
    assert (held_of(found), found["title"]) == (HELD, "Dr")


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize("value", [[{"team": "x"}], {"team": "x"}, [{"display": "Ann"}]])
@pytest.mark.parametrize("profile", ["generic", "entra", "okta"])
def test_members_stay(profile: str, op: str, value: Any) -> None:
    client = connect(profile=profile)
    id = post(client, "ann").json["id"]
    body = {"schemas": [GROUP], "displayName": "g", "members": [{"value": id}]}
    group = client.request("POST", "/Groups", body).json["id"]

    by_path = client.patch(f"/Groups/{group}", {"op": op, "path": "members", "value": value})
    by_key = client.patch(f"/Groups/{group}", {"op": op, "value": {"members": value}})

    assert (by_path.status, by_key.status) == (204, 204)
    members = client.get(f"/Groups/{group}").json["members"]
    assert [member["value"] for member in members] == [id]


@pytest.mark.parametrize("value", [[], None, "", [{}], [{"value": ""}], [{"value": None}]])
def test_nothing_at_all_still_unassigns(value: Any) -> None:
    client = connect()
    id = post(client, "ann", **HELD).json["id"]

    answer = client.patch(f"/Users/{id}", {"op": "replace", "path": "emails", "value": value})

    assert answer.status == 200, answer.text
    assert "emails" not in answer.json


@pytest.mark.parametrize("value", ["", None])
@pytest.mark.parametrize("op", ["add", "replace"])
def test_clearing_what_is_not_there_makes_nothing(op: str, value: Any) -> None:
    client = connect(profile="entra")
    path = 'phoneNumbers[type eq "work"].value'
    id = post(client, "ann").json["id"]

    by_path = client.patch(f"/Users/{id}", {"op": op, "path": path, "value": value})
    by_key = client.patch(f"/Users/{id}", {"op": op, "value": {path: value, "title": "Dr"}})
    made = post(client, "bob", **{path: value})

    assert (by_path.status, by_key.status, made.status) == (200, 200, 201)
    assert "phoneNumbers" not in by_key.json
    assert "phoneNumbers" not in made.json


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value]], ids=["bare", "list"])
def test_an_object_in_a_list_is_merged_as_without(op: str, wrap: Callable[[Any], Any]) -> None:
    client = connect(profile="entra")
    path = f"{ENTERPRISE}:manager"
    name = {"givenName": "Ann", "familyName": "Lee"}
    id = post(client, "ann", **HELD | {"name": name}).json["id"]

    by_path = client.patch(
        f"/Users/{id}", {"op": op, "path": "name", "value": wrap({"givenName": "Zoe"})}
    )
    by_key = client.patch(f"/Users/{id}", {"op": op, "value": {path: wrap({"$ref": "../Users/m"})}})

    assert by_path.json["name"] == {"givenName": "Zoe", "familyName": "Lee"}
    assert by_key.json[ENTERPRISE]["manager"] == {"value": "m", "$ref": "../Users/m"}
    work = 'emails[type eq "work"]'
    added = client.patch(
        f"/Users/{id}", {"op": "add", "path": work, "value": wrap({"display": "Work"})}
    )
    assert added.json["emails"] == [{**EMAILS[0], "display": "Work"}, EMAILS[1]]
