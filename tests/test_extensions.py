"""Extensions of the host are stored, checked, found, sorted and shown like the RFC's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.extensions import BADGE_URN
from tests.factories import make_token
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(scim_settings: Callable[..., None], db: None) -> SCIMTestClient:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    return SCIMTestClient(make_token())


def badge(**attributes: Any) -> dict[str, Any]:
    return {BADGE_URN: attributes}


def test_extension_is_in_discovery(client: SCIMTestClient) -> None:
    shown = client.get("/ResourceTypes/User").json["schemaExtensions"]
    schema = client.get(f"/Schemas/{BADGE_URN}").json

    assert {"schema": BADGE_URN, "required": False} in shown
    assert {a["name"]: a["type"] for a in schema["attributes"]}["level"] == "integer"


def test_extension_is_stored_and_shown(client: SCIMTestClient) -> None:
    sent = {
        "level": 3,
        "score": 1.5,
        "since": "2026-01-02T03:04:05+01:00",
        "key": "AQID",
        "escort": False,
        "number": "B-1",
        "doors": ["north", "south"],
    }

    created = client.create_user("ann", **badge(**sent, issued="by-client", pin="1234"))

    assert created[BADGE_URN] == sent
    assert created["schemas"] == [CORE, BADGE_URN]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", "3"),
        ("level", 1.5),
        ("level", True),
        ("level", 2**63),
        ("score", "1"),
        ("score", True),
        ("since", "yesterday"),
        ("since", "2026-13-01T00:00:00Z"),
        ("since", "2026-01-01T00:00:00+99:00"),
        ("since", 5),
        ("key", "not base64!"),
        ("key", 5),
        ("escort", "maybe"),
        ("doors", "north"),
        ("doors", [5]),
        ("number", ["a", "b"]),
    ],
)
def test_value_that_does_not_fit_is_refused(client: SCIMTestClient, name: str, value: Any) -> None:
    body = {"schemas": [CORE], "userName": "ann", **badge(**{name: value})}

    answer = client.request("POST", "/Users", body)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert name in answer.json["detail"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("level gt 2", "b"),
        ("level ge 2", "ab"),
        ("level ne 2", "bcd"),
        ("level eq 10", "b"),
        ("not (level lt 10)", "bcd"),
        ("score le 1.5", "a"),
        ('since lt "2026-06-01T00:00:00+02:00"', "a"),
        ("escort eq false", "b"),
        ('number eq "N-1"', "a"),
        ('number eq "n-1"', ""),
        ('doors eq "NORTH"', "ab"),
        ('doors co "out"', "b"),
        ("doors pr", "ab"),
        ('not (doors eq "north")', "cd"),
        ('key eq "AQID"', "a"),
    ],
)
def test_filter_on_an_extension(client: SCIMTestClient, expression: str, expected: str) -> None:
    client.create_user(
        "a",
        **badge(
            level=2,
            score=1.5,
            since="2026-01-01T00:00:00Z",
            key="AQID",
            escort=True,
            number="N-1",
            doors=["north"],
        ),
    )
    client.create_user("b", **badge(level=10, score=2, escort=False, doors=["North", "south"]))
    client.create_user("c", **badge(since="2027-01-01T00:00:00Z"))
    client.create_user("d")
    head = "not (" if expression.startswith("not (") else ""
    qualified = f"{head}{BADGE_URN}:{expression.removeprefix('not (')}"

    found = client.find(qualified).json["Resources"]

    assert "".join(user["userName"] for user in found) == expected


@pytest.mark.parametrize("query", ["", "&sortOrder=descending"])
def test_numbers_sort_as_numbers_on_every_page(client: SCIMTestClient, query: str) -> None:
    for name, level in [("a", 10), ("b", 9), ("c", None), ("d", 100)]:
        client.create_user(name, **(badge(level=level) if level else {}))
    path = f"/Users?sortBy={BADGE_URN}:level{query}"
    expected = "cdab" if query else "badc"

    whole = client.get(path).json["Resources"]
    paged, cursor = "", ""
    while True:
        page = client.get(f"{path}&cursor={cursor}&count=1").json
        paged += page["Resources"][0]["userName"]
        if "nextCursor" not in page:
            break
        cursor = page["nextCursor"]

    assert "".join(user["userName"] for user in whole) == expected
    assert paged == expected


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ('level eq "3"', "numbers"),
        ("level co 3", "number"),
        ("number eq 3", "texts"),
        ('pin eq "1234"', "pin"),
        ("pin pr", "pin"),
        ('key gt "AQ"', "binary"),
        ('since gt "x"', "dates"),
    ],
)
def test_filter_that_does_not_fit_is_refused(
    client: SCIMTestClient, expression: str, detail: str
) -> None:
    answer = client.find(f"{BADGE_URN}:{expression}")

    assert (answer.status, answer.json["scimType"]) == (400, "invalidFilter")
    assert detail in answer.json["detail"]


def test_immutable_attribute_is_set_once(client: SCIMTestClient) -> None:
    user = client.create_user("ann", **badge(number="B-1"))
    path, name = f"/Users/{user['id']}", f"{BADGE_URN}:number"
    body = {"schemas": [CORE], "userName": "ann"}

    refused = [
        client.patch(path, {"op": "replace", "path": name, "value": "B-2"}),
        client.patch(path, {"op": "remove", "path": name}),
        client.request("PUT", path, {**body, **badge(number="B-2")}),
        client.request("PUT", path, body),
    ]
    same = client.request("PUT", path, {**body, **badge(number="B-1")})

    assert [(answer.status, answer.json["scimType"]) for answer in refused] == [
        (400, "mutability")
    ] * 4
    assert same.status == 200


def test_read_only_attribute_cannot_be_patched(client: SCIMTestClient) -> None:
    user = client.create_user("ann")

    operation = {"op": "add", "path": f"{BADGE_URN}:issued", "value": "x"}
    answer = client.patch(f"/Users/{user['id']}", operation)

    assert (answer.status, answer.json["scimType"]) == (400, "mutability")


def test_attribute_returned_on_request_is_shown_when_written_or_asked_for(
    client: SCIMTestClient,
) -> None:
    user = client.create_user("ann", **badge(hint="blue", level=1))
    path = f"/Users/{user['id']}"

    asked = client.get(f"{path}?attributes={BADGE_URN}:hint").json
    excluded = client.get(f"{path}?excludedAttributes=title").json

    assert asked[BADGE_URN] == {"hint": "blue"}
    assert excluded[BADGE_URN] == {"level": 1}
    assert client.get(path).json[BADGE_URN] == {"level": 1}
    assert user[BADGE_URN] == {"hint": "blue", "level": 1}


def test_an_extension_of_secrets_alone_is_not_in_use(client: SCIMTestClient) -> None:
    user = client.create_user("ann", **badge(pin="1234"))

    changed = client.patch(
        f"/Users/{user['id']}", {"op": "add", "path": f"{BADGE_URN}:pin", "value": "4321"}
    ).json

    assert [each["schemas"] for each in (user, changed)] == [[CORE]] * 2
    assert BADGE_URN not in user | changed


def test_simple_values_are_added_and_removed_one_by_one(client: SCIMTestClient) -> None:
    user = client.create_user("ann", **badge(doors=["north", "south"]))
    path, doors = f"/Users/{user['id']}", f"{BADGE_URN}:doors"

    added = client.patch(path, {"op": "add", "path": doors, "value": ["north", "east"]}).json
    removed = client.patch(path, {"op": "remove", "path": doors, "value": ["SOUTH"]}).json

    assert added[BADGE_URN]["doors"] == ["north", "south", "east"]
    assert removed[BADGE_URN]["doors"] == ["north", "east"]
