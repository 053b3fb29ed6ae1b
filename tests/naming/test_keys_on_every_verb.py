"""Keys that are paths are understood, and refused, wherever a resource is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inventory.scim import PRINTER_URN
from tests.naming.schemas import PLACE_URN, TEAM_URN
from tests.people import connect, post
from tests.scim_client import CORE, ENTERPRISE, GROUP, PATCH, Answer, SCIMTestClient
from tests.test_bulk import bulk

pytestmark = pytest.mark.django_db

KEYS = {
    "name.givenName": "Ann",
    f"{CORE}:title": "Dr",
    f"{ENTERPRISE}:department": "D1",
    "manager": "m1",
    "lead.level": "7",
    f'{TEAM_URN}:tags[value eq "x"]': "x",
    'emails[type eq "work"].value': "ann@x.example",
}
STORED = {
    "name": {"givenName": "Ann"},
    "title": "Dr",
    "emails": [{"type": "work", "value": "ann@x.example"}],
    ENTERPRISE: {"department": "D1", "manager": {"value": "m1"}},
    TEAM_URN: {"lead": {"level": "7"}, "tags": ["x"]},
}
BODY = {"schemas": [CORE], "userName": "ann", **KEYS}


def posted(client: SCIMTestClient, body: Any) -> Answer:
    return client.request("POST", "/Users", body)


def put(client: SCIMTestClient, body: Any) -> Answer:
    id = post(client, "ann").json["id"]
    return client.request("PUT", f"/Users/{id}", body)


def patched(client: SCIMTestClient, body: Any) -> Answer:
    id = post(client, "ann").json["id"]
    return client.patch(f"/Users/{id}", {"op": "replace", "value": body})


def put_at_me(client: SCIMTestClient, body: Any) -> Answer:
    post(client, "ann")
    return client.request("PUT", "/Me", body)


def patched_at_me(client: SCIMTestClient, body: Any) -> Answer:
    post(client, "ann")
    return client.patch("/Me", {"op": "add", "value": body})


def posted_in_bulk(client: SCIMTestClient, body: Any) -> Answer:
    return _told(client, {"method": "POST", "path": "/Users", "bulkId": "a", "data": body})


def put_in_bulk(client: SCIMTestClient, body: Any) -> Answer:
    id = post(client, "ann").json["id"]
    return _told(client, {"method": "PUT", "path": f"/Users/{id}", "data": body})


def patched_in_bulk(client: SCIMTestClient, body: Any) -> Answer:
    id = post(client, "ann").json["id"]
    data = {"schemas": [PATCH], "Operations": [{"op": "add", "value": body}]}
    return _told(client, {"method": "PATCH", "path": f"/Users/{id}", "data": data})


def _told(client: SCIMTestClient, operation: dict[str, Any]) -> Answer:
    """Return what an operation of a bulk request says, as an answer of its own."""
    (told,) = bulk(client, operation).json["Operations"]
    return Answer(int(told["status"]), {}, told.get("response"), "")


WRITES = [
    posted,
    put,
    patched,
    put_at_me,
    patched_at_me,
    posted_in_bulk,
    put_in_bulk,
    patched_in_bulk,
]


@pytest.fixture(autouse=True)
def first_is_me(declared: None, scim_settings: Callable[..., None]) -> None:
    scim_settings(ADAPTER="tests.test_me.FirstIsMe")


@pytest.mark.parametrize("write", WRITES)
def test_keys_of_users_are_understood(client: SCIMTestClient, write: Any) -> None:
    answer = write(client, BODY)

    assert answer.status in (200, 201, 204), answer.json
    (shown,) = client.get("/Users").json["Resources"]
    assert {name: shown.get(name) for name in STORED} == STORED
    assert sorted(shown["schemas"]) == sorted([CORE, ENTERPRISE, TEAM_URN])


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "more",
    [
        {"name": {"givenName": "Ann"}},
        {"USERNAME": "ann"},
        {ENTERPRISE: {"department": "D1"}},
        {f"{ENTERPRISE}:manager.value": "m1", ENTERPRISE: {"manager": {"value": "m1"}}},
    ],
)
def test_name_in_two_spellings_is_400(
    client: SCIMTestClient, write: Any, more: dict[str, Any]
) -> None:
    answer = write(client, {**BODY, **more})

    assert (answer.status, answer.json["scimType"]) == (400, "invalidSyntax")
    assert "is given twice: as " in answer.json["detail"]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "name", [{"GIVENNAME": None, "givenName": "b"}, {"givenname": "a", "GIVENNAME": "b"}]
)
def test_part_in_two_spellings_is_400_with_both(
    client: SCIMTestClient, write: Any, name: dict[str, Any]
) -> None:
    answer = write(client, {"schemas": [CORE], "userName": "ann", "name": name})

    assert (answer.status, answer.json["scimType"]) == (400, "invalidSyntax")
    assert "name" in answer.json["detail"]
    assert all(repr(key) in answer.json["detail"] for key in name)


def test_member_of_a_message_in_two_spellings_is_400_with_both(client: SCIMTestClient) -> None:
    path = f"/Users/{post(client, 'ann').json['id']}"

    answer = client.patch(path, {"op": "add", "OP": "remove", "path": "title", "value": "x"})

    assert (answer.status, answer.json["scimType"]) == (400, "invalidSyntax")
    assert "'op' and 'OP'" in answer.json["detail"]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "key", ["name.givenName", f"{ENTERPRISE}:department", "department", f"{CORE}:title"]
)
def test_strict_profile_takes_names_alone(write: Any, key: str) -> None:
    client = connect(profile="strict")

    answer = write(client, {"schemas": [CORE], "userName": "ann", key: "x"})

    assert answer.status == 400
    assert key in answer.json["detail"]


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_keys_of_groups_are_understood(client: SCIMTestClient, verb: str) -> None:
    ann = post(client, "ann").json["id"]
    keys = {
        f"{GROUP}:DisplayName": "g",
        f"{GROUP}:members": [{"value": ann}],
        "city": "Bern",
        "owner.value": "o1",
    }
    body = {"schemas": [GROUP], "displayName": "g"}
    path = f"/Groups/{client.request('POST', '/Groups', body).json['id']}"

    if verb == "PATCH":
        answer = client.patch(path, {"op": "replace", "value": keys})
    else:
        to = path if verb == "PUT" else "/Groups"
        answer = client.request(verb, to, {"schemas": [GROUP], **keys})
        path = path if verb == "PUT" else f"/Groups/{answer.json['id']}"

    shown = client.get(path).json
    assert answer.status in (200, 201, 204), answer.text
    assert (shown["displayName"], [m["value"] for m in shown["members"]]) == ("g", [ann])
    assert shown[PLACE_URN] == {"city": "Bern", "owner": {"value": "o1"}}


@pytest.mark.parametrize("key", ["MEMBERS", f"{GROUP}:members", f"{GROUP.upper()}:members"])
def test_members_given_twice_are_400(client: SCIMTestClient, key: str) -> None:
    group = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"}).json
    keys: dict[str, Any] = {"members": [], key: []}

    answers = [
        client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "h", **keys}),
        client.patch(f"/Groups/{group['id']}", {"op": "add", "value": keys}),
    ]

    for answer in answers:
        assert (answer.status, answer.json["scimType"]) == (400, "invalidSyntax")
        assert f"members is given twice: as 'members' and as {key!r}" in answer.json["detail"]


@pytest.mark.parametrize(
    "path", ["members", "MEMBERS", f"{GROUP}:members", f"{GROUP.upper()}:members"]
)
def test_members_are_found_under_each_of_their_names(client: SCIMTestClient, path: str) -> None:
    ann, bob = post(client, "ann").json["id"], post(client, "bob").json["id"]
    body = {"schemas": [GROUP], "displayName": "g", path: [{"value": ann}]}
    group = f"/Groups/{client.request('POST', '/Groups', body).json['id']}"

    client.patch(group, {"op": "add", "path": path, "value": [{"value": bob}]})
    both = {member["value"] for member in client.get(group).json["members"]}
    client.patch(group, {"op": "remove", "path": f'{path}[value eq "{ann}"]'})

    assert both == {ann, bob}
    assert [member["value"] for member in client.get(group).json["members"]] == [bob]


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_keys_of_own_types_are_understood(client: SCIMTestClient, verb: str) -> None:
    body = {"schemas": [PRINTER_URN], "serialNumber": "P-1", "shelf": 1}
    keys = {f"{PRINTER_URN}:displayName": "North", f'{PRINTER_URN}:trays[value eq "A4"]': "A4"}
    if verb == "POST":
        answer = client.request("POST", "/Printers", {**body, **keys})
    else:
        path = f"/Printers/{client.request('POST', '/Printers', body).json['id']}"
        patch = {"schemas": [PATCH], "Operations": [{"op": "add", "value": keys}]}
        answer = client.request(verb, path, patch if verb == "PATCH" else {**body, **keys})

    (shown,) = client.get("/Printers").json["Resources"]
    assert answer.status in (200, 201, 204), answer.text
    assert (shown["displayName"], shown["trays"]) == ("North", ["A4"])
