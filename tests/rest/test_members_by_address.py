"""A member that is named by its address alone is that member (RFC 7643 section 2.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import connect, post
from tests.scim_client import GROUP, SCIMTestClient
from tests.test_bulk import bulk

pytestmark = pytest.mark.django_db


def group_of(client: SCIMTestClient, members: list[dict[str, Any]]) -> str:
    body = {"schemas": [GROUP], "displayName": "g", "members": members}
    answer = client.request("POST", "/Groups", body)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def members_of(client: SCIMTestClient, group: str) -> list[str]:
    return [each["value"] for each in client.get(f"/Groups/{group}").json.get("members", ())]


@pytest.mark.parametrize("profile", ["generic", "entra", "strict"])
def test_it_is_taken_on_every_verb(profile: str) -> None:
    client = connect(profile=profile)
    ann, bob = (post(client, name).json for name in ("ann", "bob"))
    by_address = [{"$ref": each["meta"]["location"]} for each in (ann, bob)]
    both = [ann["id"], bob["id"]]
    group = group_of(client, by_address)
    assert members_of(client, group) == both

    put = {"schemas": [GROUP], "displayName": "g", "members": by_address[:1]}
    assert client.request("PUT", f"/Groups/{group}", put).status == 200
    assert members_of(client, group) == both[:1]

    replace = {"op": "replace", "path": "members", "value": by_address[1:]}
    assert client.patch(f"/Groups/{group}", replace).status == 204
    assert members_of(client, group) == both[1:]

    add = {"op": "add", "value": {"members": by_address[:1]}}
    assert client.patch(f"/Groups/{group}", add).status == 204
    assert sorted(members_of(client, group)) == sorted(both)


def test_it_is_removed_where_values_are_listed() -> None:
    client = connect(profile="entra")
    ann, bob = (post(client, name).json for name in ("ann", "bob"))
    group = group_of(client, [{"value": ann["id"]}, {"value": bob["id"]}])

    remove = {"op": "remove", "path": "members", "value": [{"$ref": ann["meta"]["location"]}]}
    assert client.patch(f"/Groups/{group}", remove).status == 204
    assert members_of(client, group) == [bob["id"]]

    remove = {"op": "remove", "path": "members", "value": [{"Value": bob["id"]}]}
    assert client.patch(f"/Groups/{group}", remove).status == 204
    assert members_of(client, group) == []


def test_an_address_of_nobody_is_refused() -> None:
    client = connect()
    ann = post(client, "ann").json
    group = group_of(client, [{"value": ann["id"]}])
    operation = {
        "op": "replace",
        "path": "members",
        "value": [{"$ref": "https://other.example/Users/7"}],
    }

    alone = client.patch(f"/Groups/{group}", operation)
    patch = {"method": "PATCH", "path": f"/Groups/{group}", "data": {"Operations": [operation]}}
    in_bulk = bulk(client, patch)

    assert alone.status == 400
    assert in_bulk.json["Operations"][0]["status"] == "400"
    assert members_of(client, group) == [ann["id"]]
