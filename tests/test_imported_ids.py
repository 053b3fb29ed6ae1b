"""Resources with ids from another implementation, in whatever letters these are."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.models import (
    LinkedAccount,
    ProvisioningEvent,
)
from tests.factories import make_token
from tests.ids_from_elsewhere import BASE, ODD, SAFE, at, found, group, text, user
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db


# One resource


@pytest.mark.parametrize("id", ODD)
def test_resource_is_addressed_by_its_id(scim_client: SCIMTestClient, id: str) -> None:
    user(id)
    replaced = {"schemas": [CORE], "userName": "ann", "title": "Put"}

    got = scim_client.get(at(id))
    put = scim_client.request("PUT", at(id), replaced)
    patched = scim_client.patch(at(id), {"op": "add", "path": "title", "value": "Patched"})

    assert [answer.status for answer in (got, put, patched)] == [200] * 3
    assert [answer.json["id"] for answer in (got, put, patched)] == [id] * 3
    assert patched.json["title"] == "Patched"
    location = patched.json["meta"]["location"]
    assert location == put.headers["Location"] == got.json["meta"]["location"]
    assert location.isascii()
    assert location.count("/") == BASE.count("/") + 2
    assert scim_client.get(location.removeprefix(BASE)).json["id"] == id
    assert scim_client.request("DELETE", at(id)).status == 204
    assert scim_client.get(at(id)).status == 404
    events = ProvisioningEvent.objects.filter(resource_type="User").order_by("pk")
    assert list(events.values_list("resource_id", flat=True)) == [id] * 4


@pytest.mark.parametrize("id", ODD)
def test_filters_go_by_the_id(scim_client: SCIMTestClient, id: str) -> None:
    user(id)
    other = user(None, "bob")

    assert found(scim_client, f"id eq {text(id)}") == [id]
    assert found(scim_client, f"id ne {text(id)}") == [other]
    assert found(scim_client, f"id sw {text(id)}") == [id]
    assert found(scim_client, f"id co {text(id[1:])}")[:1] == [id]
    # A key that the server made may end in the same character.
    ending = [each for each in (id, other) if each.endswith(id)]
    assert found(scim_client, f"id ew {text(id)} and id pr") == ending
    assert found(scim_client, f"not (id eq {text(id)})") == [other]


@pytest.mark.parametrize("id", ODD)
def test_members_go_by_the_id(scim_client: SCIMTestClient, id: str) -> None:
    ann = user(id)
    bob = user(None, "bob")
    team = group(f"g{id[:250]}", ann, bob)
    outer = group(None, team, name="outer")

    shown = scim_client.get(at(team, "Groups")).json["members"]
    assert [member["value"] for member in shown] == [ann, bob]
    assert scim_client.get(shown[0]["$ref"].removeprefix(BASE)).json["id"] == ann
    held = scim_client.get(at(ann)).json["groups"]
    assert [(each["value"], each["type"]) for each in held] == [
        (team, "direct"),
        (outer, "indirect"),
    ]
    assert scim_client.get(held[0]["$ref"].removeprefix(BASE)).json["id"] == team
    for expression in (
        f"members.value eq {text(ann)}",
        f"members[value eq {text(ann)}]",
        f"members.value sw {text(ann)}",
        f"members.$ref eq {text(shown[0]['$ref'])}",
        f"members.$ref ew {text(shown[0]['$ref'].removeprefix(BASE))}",
        f'members[type eq "User" and $ref sw {text(shown[0]["$ref"])}]',
    ):
        assert found(scim_client, expression, "Groups") == [team], expression
    for expression in (
        f"groups.value eq {text(team)}",
        f"groups.$ref eq {text(held[0]['$ref'])}",
        f"groups[$ref ew {text(held[0]['$ref'].removeprefix(BASE))}]",
    ):
        assert found(scim_client, expression) == [ann, bob], expression
    assert found(scim_client, f"not (groups.value eq {text(outer)})") == []
    assert found(scim_client, f"members[not (value eq {text(ann)})]", "Groups") == [team, outer]


@pytest.mark.parametrize("id", ODD)
def test_members_are_changed_by_the_id(scim_client: SCIMTestClient, id: str) -> None:
    ann, bob, inner = user(id), user(None, "bob"), group(f"g{id[:250]}", name="inner")
    path = at(group(None), "Groups")

    def change(*operations: dict[str, Any]) -> list[str]:
        assert scim_client.patch(path, *operations).status == 204
        return [each["value"] for each in scim_client.get(path).json.get("members", [])]

    values = [{"value": each} for each in (ann, bob, inner)]
    assert change({"op": "add", "path": "members", "value": values}) == [ann, bob, inner]
    assert change({"op": "remove", "path": f"members[value eq {text(ann)}]"}) == [bob, inner]
    assert change({"op": "replace", "path": "members", "value": values[::2]}) == [inner, ann]
    assert change({"op": "remove", "path": "members", "value": values[:1]}) == [inner]
    ref = f"members[$ref ew {text(quote(inner, safe=SAFE))}]"
    assert change({"op": "remove", "path": ref}) == []


def test_key_of_a_row_with_an_imported_id_is_no_id(scim_client: SCIMTestClient) -> None:
    user("1")
    key = str(LinkedAccount.objects.get().pk)
    body = {"schemas": [GROUP], "displayName": "team", "members": [{"value": key}]}

    assert scim_client.get(f"/Users/{key}").status == 404
    assert scim_client.request("DELETE", f"/Users/{key}").status == 404
    assert scim_client.request("POST", "/Groups", body).status == 400
    assert found(scim_client, f'id eq "{key}"') == []


def test_ids_compare_byte_for_byte(scim_client: SCIMTestClient) -> None:
    ids = ["a", "A", "á", "a.", "a b"]
    for number, id in enumerate(ids):
        user(id, f"u{number}")

    assert [scim_client.get(at(id)).json["userName"][1] for id in ids] == list("01234")
    assert scim_client.get(at("Á")).status == scim_client.get(at("a ")).status == 404
    assert found(scim_client, 'id eq "A"') == ["A"]


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_sorting_is_by_the_shown_text(scim_client: SCIMTestClient, order: str) -> None:
    ids = ["10", "9", "b", "ä", "A", "2 x", "Z%"]
    for number, id in enumerate(ids):
        user(id, f"u{number}")
    query = {"sortBy": "id", "sortOrder": order}

    by_index = scim_client.get(f"/Users?{urlencode(query)}").json
    paged, cursor = [], ""
    while True:
        page = {**query, "count": 2, "cursor": cursor}
        answer = scim_client.get(f"/Users?{urlencode(page)}").json
        paged += [each["id"] for each in answer["Resources"]]
        cursor = answer.get("nextCursor")
        if not cursor:
            break

    expected = sorted(ids, reverse=order == "descending")
    assert [each["id"] for each in by_index["Resources"]] == paged == expected


def test_order_without_sorting_is_that_of_creation(scim_client: SCIMTestClient) -> None:
    ids = ["9", "10", "1", "b", "a"]
    for number, id in enumerate(ids):
        user(id, f"u{number}")
    seen: list[str] = []
    cursor = ""
    for _ in ids:
        answer = scim_client.get(f"/Users?{urlencode({'count': 1, 'cursor': cursor})}").json
        seen += [each["id"] for each in answer["Resources"]]
        cursor = answer.get("nextCursor", "")

    assert (seen, cursor) == (ids, "")


# Several connections and kinds


def test_id_may_be_there_in_two_connections(scim_client: SCIMTestClient) -> None:
    other = SCIMTestClient(make_token(provider_id="other"))
    user("1", "ann")
    user("1", "bob", provider_id="other")
    group("g", "1")
    group("g", "1", provider_id="other")

    names = [client.get("/Users/1").json["userName"] for client in (scim_client, other)]
    shown = [client.get("/Groups/g").json["members"] for client in (scim_client, other)]
    assert names == ["ann", "bob"]
    assert [[each["display"] for each in members] for members in shown] == [["ann"], ["bob"]]
    for client in (scim_client, other):
        assert found(client, 'members.value eq "1"', "Groups") == ["g"]
        assert found(client, 'groups.value eq "g"') == ["1"]
    remove = {"op": "remove", "path": 'members[value eq "1"]'}
    assert scim_client.patch("/Groups/g", remove).status == 204
    assert other.request("DELETE", "/Users/1").status == 204
    assert [scim_client.get("/Users/1").status, other.get("/Users/1").status] == [200, 404]


def test_member_of_the_id_of_both_is_the_user(scim_client: SCIMTestClient) -> None:
    user("1")
    group("1", name="same")

    team = group("2", "1")

    shown = scim_client.get(f"/Groups/{team}").json["members"]
    assert [(each["value"], each["type"]) for each in shown] == [("1", "User")]
    assert found(scim_client, 'members.value eq "1"', "Groups") == ["2"]


def test_user_does_not_get_the_id_of_a_group(scim_client: SCIMTestClient) -> None:
    group("1")

    with pytest.raises(Uniqueness, match="'1' is already in use"):
        user("1")
