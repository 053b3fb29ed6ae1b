"""Lists of plain values are written and asked for as lists of objects are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inventory.scim import PRINTER_URN
from tests.naming.schemas import PLACE_URN, TEAM_URN
from tests.people import connect, post
from tests.scim_client import CORE, ENTERPRISE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db

TAGS = f"{TEAM_URN}:tags"


@pytest.fixture
def path(client: SCIMTestClient) -> str:
    team = {"tags": ["a", "b", "c"], "floors": [0, 1, 2], "codes": ["X"]}
    return f"/Users/{client.create_user('ann', **{TEAM_URN: team})['id']}"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "remove", "path": f'{TAGS}[value eq "b"]'}, ["a", "c"]),
        ({"op": "remove", "path": f'{TAGS}[VALUE eq "B"]'}, ["a", "c"]),
        ({"op": "remove", "path": 'tags[value sw "a" or value eq "b"]'}, ["c"]),
        ({"op": "remove", "path": f'{TAGS}[not (value eq "b")]'}, ["b"]),
        ({"op": "remove", "path": f'{TAGS}[value eq "b"].value'}, ["a", "c"]),
        ({"op": "remove", "path": f'{TAGS}[value eq "z"]'}, ["a", "b", "c"]),
        ({"op": "remove", "path": TAGS, "value": [{"value": "b"}, "a"]}, ["c"]),
        ({"op": "remove", "path": "tags.value"}, None),
        ({"op": "remove", "path": "tags[value pr]"}, None),
        ({"op": "add", "path": TAGS, "value": [{"value": "d"}]}, ["a", "b", "c", "d"]),
        ({"op": "add", "path": TAGS, "value": {"Value": "d", "primary": True}}, [*"abcd"]),
        ({"op": "add", "path": "tags", "value": ["d", {"value": "b"}]}, ["a", "b", "c", "d"]),
        ({"op": "add", "path": "tags.value", "value": "d"}, ["a", "b", "c", "d"]),
        ({"op": "add", "path": 'tags[value eq "d"]', "value": "d"}, ["a", "b", "c", "d"]),
        ({"op": "replace", "path": TAGS, "value": [{"value": "d"}]}, ["d"]),
        ({"op": "replace", "path": TAGS, "value": "d"}, ["d"]),
        ({"op": "replace", "path": TAGS, "value": {"value": "d"}}, ["d"]),
        ({"op": "replace", "path": 'tags[value eq "b"]', "value": "d"}, ["a", "d", "c"]),
        ({"op": "replace", "path": 'tags[value eq "b"].value', "value": "d"}, ["a", "d", "c"]),
        ({"op": "add", "path": 'tags[value eq "b"]', "value": {"value": "d"}}, ["a", "d", "c"]),
        ({"op": "replace", "value": {"tags": "d"}}, ["d"]),
        ({"op": "replace", "value": {TEAM_URN: {"tags": [{"value": "d"}]}}}, ["d"]),
        ({"op": "replace", "value": {'tags[value eq "b"]': "d"}}, ["a", "d", "c"]),
    ],
)
def test_operations_give(
    client: SCIMTestClient, path: str, operation: dict[str, Any], expected: list[str] | None
) -> None:
    answer = client.patch(path, operation)

    assert answer.status == 200, answer.text
    assert client.get(path).json[TEAM_URN].get("tags") == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "remove", "path": "floors[value eq 0]"}, [1, 2]),
        ({"op": "replace", "path": "floors[value eq 2]", "value": 0}, [0, 1, 0]),
        ({"op": "remove", "path": "floors[value gt 0]"}, [0]),
        ({"op": "add", "path": "floors[value eq 3]", "value": 3}, [0, 1, 2, 3]),
        ({"op": "remove", "path": "floors", "value": [{"value": 1}]}, [0, 2]),
    ],
)
def test_numbers_are_values_too(
    client: SCIMTestClient, path: str, operation: dict[str, Any], expected: list[int]
) -> None:
    assert client.patch(path, operation).status == 200
    assert client.get(path).json[TEAM_URN]["floors"] == expected


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"op": "remove", "path": 'tags[type eq "b"]'}, 400),
        ({"op": "remove", "path": 'costCenter[value eq "b"]'}, 400),
        ({"op": "remove", "path": 'title[value eq "b"]'}, 400),
        ({"op": "replace", "path": 'tags[value eq "b"].display', "value": "d"}, 400),
        ({"op": "add", "path": "tags", "value": [{"type": "d"}]}, 200),
        ({"op": "add", "path": "floors", "value": [{"value": "d"}]}, 400),
    ],
)
def test_what_plain_values_have_not(
    client: SCIMTestClient, path: str, operation: dict[str, Any], status: int
) -> None:
    before = client.get(path).json

    assert client.patch(path, operation).status == status
    assert client.get(path).json[TEAM_URN] == before[TEAM_URN]


def test_strict_profile_takes_plain_values_alone() -> None:
    client = connect(profile="strict")
    body = {"schemas": [CORE, TEAM_URN], "userName": "ann", TEAM_URN: {"tags": ["a", "b"]}}
    path = f"/Users/{client.request('POST', '/Users', body).json['id']}"

    for value in ([{"value": "d"}], {"value": "d"}):
        for op in ("add", "replace"):
            assert client.patch(path, {"op": op, "path": TAGS, "value": value}).status == 400
    for operation in (
        {"op": "remove", "path": f'{TAGS}[value eq "b"]'},
        {"op": "add", "path": TAGS, "value": "c"},
    ):
        assert client.patch(path, operation).status == 200
    assert client.get(path).json[TEAM_URN]["tags"] == ["a", "c"]


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_bodies_may_have_objects_for_plain_values(client: SCIMTestClient, verb: str) -> None:
    team = {"tags": [{"value": "a"}, "b"], "codes": {"value": "X"}}
    path = "/Users" if verb == "POST" else f"/Users/{post(client, 'ann').json['id']}"
    body = {"schemas": [CORE], "userName": "ann", TEAM_URN: team}

    answer = client.request(verb, path, body)

    assert answer.json[TEAM_URN] == {"tags": ["a", "b"], "codes": ["X"]}


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize("profile", ["generic", "strict"])
def test_text_is_an_address_for_add_and_replace_alike(op: str, profile: str) -> None:
    client = connect(profile=profile)
    path = f"/Users/{post(client, 'ann').json['id']}"

    answer = client.patch(path, {"op": op, "path": "emails", "value": "ann@x.example"})

    if profile == "generic":
        assert answer.json["emails"] == [{"value": "ann@x.example"}]
    else:
        assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_texts_are_addresses_in_lists_of_bodies(client: SCIMTestClient, verb: str) -> None:
    path = "/Users" if verb == "POST" else f"/Users/{post(client, 'ann').json['id']}"
    body = {"schemas": [CORE], "userName": "ann"}

    refused = client.request(verb, path, {**body, "emails": "ann@x.example"})
    answer = client.request(verb, path, {**body, "emails": ["ann@x.example"]})

    assert refused.status == 400
    assert answer.json["emails"] == [{"value": "ann@x.example"}]


@pytest.mark.parametrize("path", ["manager", f"{ENTERPRISE}:manager", None])
@pytest.mark.parametrize("op", ["add", "replace"])
def test_number_is_the_id_of_a_manager(client: SCIMTestClient, path: str | None, op: str) -> None:
    user = f"/Users/{post(client, 'ann').json['id']}"
    value = 271 if path else {"manager": 271}

    answer = client.patch(user, {"op": op, "value": value, **({"path": path} if path else {})})

    assert answer.json[ENTERPRISE] == {"manager": {"value": "271"}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f'{TAGS}.value eq "B"', ["ann", "bob"]),
        (f'{TAGS}[value eq "b"]', ["ann", "bob"]),
        (f'{TAGS} eq "b"', ["ann", "bob"]),
        ('tags[value eq "a" or value eq "z"]', ["ann"]),
        ('tags[value sw "b" and value ew "b"]', ["ann", "bob"]),
        ('tags[not (value eq "b")]', ["ann"]),
        ('not (tags[value eq "b"])', ["eve"]),
        ("tags[value pr]", ["ann", "bob"]),
        ("tags.value pr", ["ann", "bob"]),
        ("floors[value gt 1]", ["ann"]),
        ("floors.value le 0", ["ann", "bob"]),
        ("floors[value gt 0 and value lt 2]", ["ann"]),
        (f'{TEAM_URN}:codes[value eq "x"]', []),
        (f'{TEAM_URN}:codes[value eq "X"]', ["ann"]),
    ],
)
def test_filters_find(
    client: SCIMTestClient, path: str, expression: str, expected: list[str]
) -> None:
    client.create_user("bob", **{TEAM_URN: {"tags": ["b"], "floors": [0]}})
    client.create_user("eve")

    answer = client.find(expression)

    assert answer.status == 200, answer.text
    assert [user["userName"] for user in answer.json["Resources"]] == expected


@pytest.mark.parametrize("expression", ['tags[type eq "a"]', "tags[value eq 1]", "tags.type pr"])
def test_filters_that_do_not_fit_are_refused(client: SCIMTestClient, expression: str) -> None:
    answer = client.find(expression)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidFilter")
    for query in ("attributes=tags.value", "sortBy=tags.value"):
        assert client.get(f"/Users?{query}").status == 200


def test_lists_of_own_types_and_groups_likewise(client: SCIMTestClient) -> None:
    first, second = "A4", "A3"
    printer = {"schemas": [PRINTER_URN], "serialNumber": "P-1", "shelf": 1, "trays": ["A4", "A3"]}
    group = {"schemas": [GROUP], "displayName": "g", PLACE_URN: {"rooms": ["A4", "A3"]}}
    for endpoint, body, name in (("Printers", printer, "trays"), ("Groups", group, "rooms")):
        path = f"/{endpoint}/{client.request('POST', f'/{endpoint}', body).json['id']}"

        for expression in (f'{name}[value eq "{first}"]', f'{name}.value eq "{second}"'):
            for query in (client.find(expression, endpoint), client.find(expression, "")):
                assert query.json["totalResults"] == 1, expression
        client.patch(path, {"op": "remove", "path": f'{name}[value eq "{first}"]'})
        client.patch(path, {"op": "add", "path": name, "value": [{"value": "new"}]})

        shown = client.get(path).json
        assert (shown.get(name) or shown[PLACE_URN][name]) == [second, "new"]


def test_schemas_are_such_a_list(client: SCIMTestClient, path: str) -> None:
    post(client, "bob")

    for expression in (f'schemas[value eq "{TEAM_URN}"]', f'schemas.value eq "{TEAM_URN}"'):
        found = client.find(expression)

        assert [user["userName"] for user in found.json["Resources"]] == ["ann"], found.text
