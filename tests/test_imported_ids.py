"""Resources with ids from another implementation, in whatever letters these are."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.errors import InvalidValue, Uniqueness
from django_scim_provider.core.profiles import PROFILES
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.observability.logs import REQUESTS
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_token
from tests.scim_client import CORE, GROUP, PATCH, SCIMTestClient

pytestmark = pytest.mark.django_db

ODD = [
    "1",
    "a b",
    'quo"te',
    "back\\slash",
    "zwölf €",
    "50%",
    "p%20q",
    "what?x=1#y",
    "[x]{y}|^`<b>",
    "it's (a) + b & c, d = e; @ $ ! * ~",
    "😀",
    "ª" + "e" * 254,
    "null",
    "...",
    "0190CAFE-0000-7000-8000-00000000ABCD",
]
BASE = "http://testserver/scim/v2"


def context(provider_id: str = "acme") -> StoreContext:
    profile = PROFILES["okta"]  # with it, who is inactive comes back
    return StoreContext(provider_id=provider_id, base_url=BASE, profile=profile)


def use_okta() -> None:
    ProviderConnection.objects.update(profile="okta")


def user(id: str | None, name: str = "ann", provider_id: str = "acme") -> str:
    resource = {"schemas": [CORE], "userName": name}
    stored, made = UserStore(context(provider_id)).create(resource, scim_id=id)
    assert made
    return stored.id


def group(id: str | None, *members: str, name: str = "team", provider_id: str = "acme") -> str:
    values = [{"value": member} for member in members]
    resource = {"schemas": [GROUP], "displayName": name, "members": values}
    return GroupStore(context(provider_id)).create(resource, scim_id=id)[0].id


def at(id: str, endpoint: str = "Users") -> str:
    return f"/{endpoint}/{quote(id, safe='')}"


def text(id: str) -> str:
    """Return an id in quotes, as filters have it."""
    return orjson.dumps(id).decode()


def found(client: SCIMTestClient, expression: str, endpoint: str = "Users") -> list[str]:
    answer = client.find(expression, endpoint)
    assert answer.status == 200, answer.text
    return [resource["id"] for resource in answer.json["Resources"]]


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
    assert found(scim_client, f"id ew {text(id)} and id pr") == [id]
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


SAFE = "~!$&'()*+,;=:@"


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


# Who gives ids


@pytest.mark.parametrize("create", [user, group])
def test_taken_id_is_refused(scim_client: SCIMTestClient, create: Any) -> None:
    create("1")

    with pytest.raises(Uniqueness, match="'1' is already in use"):
        create("1", name="other")

    assert LinkedAccount.objects.count() + ProvisionedGroup.objects.count() == 1


UNFIT = [
    "",
    "x" * 256,
    "a/b",
    "bulkId:1",
    "a\nb",
    "a\x00",
    "\ud800",
    " a",
    "a ",
    ".",
    "..",
    ".search",
]


@pytest.mark.parametrize("id", UNFIT)
@pytest.mark.parametrize("create", [user, group])
def test_unfit_id_is_refused(scim_client: SCIMTestClient, create: Any, id: str) -> None:
    with pytest.raises(InvalidValue, match="cannot be the id of a resource: "):
        create(id)

    assert LinkedAccount.objects.count() + ProvisionedGroup.objects.count() == 0
    assert UserStore(context()).get(id) is None


def test_field_of_the_model_refuses_an_unfit_id(scim_client: SCIMTestClient) -> None:
    group(None)
    row = ProvisionedGroup.objects.get()
    row.scim_id = "a/b"

    with pytest.raises(ValidationError, match="slash"):
        row.clean_fields()


def test_client_never_chooses_an_id(scim_client: SCIMTestClient) -> None:
    user("1")
    body = {"schemas": [CORE], "id": "2", "userName": "bob"}

    made = scim_client.request("POST", "/Users", body).json["id"]
    put = scim_client.request("PUT", "/Users/1", {**body, "userName": "ann"})
    patched = scim_client.patch("/Users/1", {"op": "replace", "path": "id", "value": "2"})

    assert (made != "2", put.json["id"], patched.status) == (True, "1", 400)
    keys = {str(key) for key in LinkedAccount.objects.values_list("pk", flat=True)}
    assert made in keys


def test_who_comes_back_keeps_the_id(scim_client: SCIMTestClient) -> None:
    use_okta()
    user("1")
    scim_client.patch("/Users/1", {"op": "replace", "path": "active", "value": False})
    body = {"schemas": [CORE], "userName": "ann"}

    by_client = scim_client.request("POST", "/Users", body)
    scim_client.patch("/Users/1", {"op": "replace", "path": "active", "value": False})
    stored, made = UserStore(context()).create(body, scim_id="2")

    assert (by_client.status, by_client.json["id"]) == (200, "1")
    assert (stored.id, made) == ("1", False)


def test_conflict_tells_where_the_holder_is(scim_client: SCIMTestClient) -> None:
    user("a b")

    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "Ann"})

    assert answer.status == 409
    assert answer.headers["Location"] == f"{BASE}/Users/a%20b"


# Requests of many


@pytest.mark.parametrize("id", ['quo"te \\', "50%", "a?b#c"])
def test_bulk_request_goes_by_ids(scim_client: SCIMTestClient, id: str) -> None:
    use_okta()
    user(id)
    team = group(f"g {id}", id, user(None, "bob"))
    scim_client.patch(at(id), {"op": "replace", "path": "active", "value": False})
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann"}},
        {
            "method": "PATCH",
            "path": at(team, "Groups"),
            "data": {"Operations": [{"op": "remove", "path": 'members[value eq "bulkId:a"]'}]},
        },
        {
            "method": "PATCH",
            "path": "/Users/bulkId:a",
            "data": {"Operations": [{"op": "add", "path": "title", "value": "T"}]},
        },
    ]
    schemas = {"POST": [CORE], "PATCH": [PATCH]}
    for each in operations:
        each["data"]["schemas"] = schemas[str(each["method"])]  # type: ignore[index]

    answer = scim_client.request("POST", "/Bulk", bulk(*operations))

    assert [each["status"] for each in answer.json["Operations"]] == ["200", "204", "204"]
    assert {each["location"] for each in answer.json["Operations"][::2]} == {BASE + at_safe(id)}
    assert scim_client.get(at(id)).json["title"] == "T"
    assert len(scim_client.get(at(team, "Groups")).json["members"]) == 1
    gone = scim_client.request("POST", "/Bulk", bulk({"method": "DELETE", "path": at(id)}))
    assert gone.json["Operations"][0]["status"] == "204"
    assert scim_client.get(at(id)).status == 404


def bulk(*operations: dict[str, Any]) -> dict[str, Any]:
    urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    return {"schemas": [urn], "Operations": list(operations)}


def at_safe(id: str) -> str:
    return f"/Users/{quote(id, safe=SAFE)}"


# What others see


def test_failed_change_names_a_known_id_alone(scim_client: SCIMTestClient) -> None:
    user("a b")
    wrong = {"op": "replace", "path": "userName", "value": ""}

    scim_client.patch("/Users/a%20b", wrong)
    scim_client.patch("/Users/ann@corp.example", wrong)
    scim_client.request("POST", "/Bulk", bulk({"method": "PUT", "path": "/Users/a%20b"}))

    events = ProvisioningEvent.objects.filter(outcome="refused").order_by("pk")
    assert list(events.values_list("resource_id", flat=True)) == ["a b", "", "a b"]


def test_log_names_the_id(scim_client: SCIMTestClient, caplog: pytest.LogCaptureFixture) -> None:
    user("a b")
    caplog.set_level(logging.INFO, REQUESTS)

    scim_client.get("/Users/a%20b")
    scim_client.get("/Users/ann@corp.example")

    told = [(each.resource_id, each.path) for each in caplog.records if each.name == REQUESTS]  # type: ignore[attr-defined]
    assert told == [("a b", "/Users/a%20b"), (None, "/Users/*")]


def test_admin_finds_and_shows_the_id(scim_client: SCIMTestClient, root: Client) -> None:
    SCIMTestClient(make_token(provider_id="other"))
    user("1", "ann")
    user("1", "bob", provider_id="other")
    ann, bob = LinkedAccount.objects.order_by("pk")
    admin = "/admin/scim_provider"

    listed = root.get(f"{admin}/linkedaccount/?q=1").content.decode()
    page = root.get(f"{admin}/linkedaccount/{ann.pk}/change/").content.decode()
    events = root.get(f"{admin}/provisioningevent/?q=1").content.decode()

    assert f"{ann.pk}/change" in listed
    assert f"{bob.pk}/change" in listed
    assert "SCIM id" in page
    for account in (ann, bob):
        assert f'{admin}/linkedaccount/{account.pk}/change/">User 1<' in events


def test_imported_ids_take_the_statements_of_others(scim_client: SCIMTestClient) -> None:
    own = [user(None, "ann"), user(None, "bob")]
    imported = [user("1", "cid"), user("a b", "dan")]
    scim_client.get("/Users")  # the token's first use is noted
    counts = []
    for first, second in (own, imported):
        team = at(group(None, first, name=first), "Groups")
        add = {"op": "add", "path": "members", "value": [{"value": second}]}
        remove = {"op": "remove", "path": f"members[value eq {text(second)}]"}
        requests = (
            ("GET", at(first), None),
            ("PATCH", at(first), [{"op": "add", "path": "title", "value": "T"}]),
            ("GET", team, None),
            ("PATCH", team, [add]),
            ("PATCH", team, [remove]),
            ("GET", f"/Groups?{urlencode({'filter': f'members.value eq {text(first)}'})}", None),
            ("DELETE", at(first), None),
        )
        numbers = []
        for method, path, operations in requests:
            body = operations and {"schemas": [PATCH], "Operations": operations}
            with CaptureQueriesContext(database) as noted:
                answer = scim_client.request(method, path, body)
            assert answer.status in (200, 204)
            numbers.append(len(noted))
        counts.append(numbers)

    assert counts[0] == counts[1]
