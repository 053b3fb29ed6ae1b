"""``required`` binds where the extension, or the complex value, is there; on every write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.characteristics.declarations import USER_TRAITS
from tests.characteristics.places import PLACES, SETTINGS, Place, write
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

FULL = {"code": "c"}
USERS = PLACES["users"]
NEEDED = "tests.characteristics.declarations.NEEDED_TRAITS"


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ({"code": None, "note": "n"}, "code"),
        ({"code": "", "note": "n"}, "code"),
        ({"code": "  ", "note": "n"}, "code"),
        ({"code": "c", "contact": {"phone": "1"}}, "contact.name"),
        ({"code": "c", "contact": {"name": "", "phone": "1"}}, "contact.name"),
        ({"code": "c", "labels": [{"text": "t"}, {"colour": "red"}]}, "labels.text"),
        ({"code": "c", "labels": [{"text": " ", "colour": "red"}]}, "labels.text"),
    ],
)
def test_what_is_required_is_missing(
    client: SCIMTestClient, place: Place, way: str, sent: dict[str, Any], missing: str
) -> None:
    status, body = write(way, client, place, "one", FULL, sent)

    assert (status, body["scimType"]) == (400, "invalidValue")
    assert place.path(missing) in body["detail"]


def test_what_is_required_is_there(client: SCIMTestClient, place: Place, way: str) -> None:
    sent = {"code": "c", "contact": {"name": "n"}, "labels": [{"text": "t", "weight": 0}]}

    status, _ = write(way, client, place, "one", FULL, sent)

    assert status in (200, 201, 204)


def test_an_extension_that_is_there_by_one_attribute_needs_the_others(
    client: SCIMTestClient, way: str
) -> None:
    for name, place in PLACES.items():
        if place.urn is not None:
            status, body = write(way, client, place, name, {}, {"note": "n"})

            assert (status, body["scimType"]) == (400, "invalidValue"), name
            assert f"{place.urn}:code" in body["detail"]


def test_an_extension_that_is_not_there_needs_nothing(client: SCIMTestClient, way: str) -> None:
    for name, place in PLACES.items():
        if place.urn is not None:
            status, _ = write(way, client, place, name, {}, {})

            assert status in (200, 201, 204), name


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "remove", "path": "code"}, "mutability"),
        ({"op": "remove", "path": "contact.name"}, "mutability"),
        ({"op": "remove", "path": 'labels[text eq "t"].text'}, "mutability"),
        ({"op": "replace", "path": "contact.name", "value": None}, "invalidValue"),
        ({"op": "replace", "path": 'labels[text eq "t"].text', "value": ""}, "invalidValue"),
        ({"op": "add", "path": "labels", "value": [{"colour": "red"}]}, "invalidValue"),
        ({"op": "add", "path": 'labels[colour eq "red"].weight', "value": 3}, "invalidValue"),
    ],
)
def test_a_patch_takes_nothing_away_that_is_required(
    client: SCIMTestClient, place: Place, operation: dict[str, Any], scim_type: str
) -> None:
    held = {
        "code": "c",
        "contact": {"name": "n", "phone": "1"},
        "labels": [{"text": "t", "weight": 1}],
    }
    id = place.made(client, "one", **held)
    operation = {**operation, "path": place.path(operation["path"])}

    answer = client.patch(f"{place.endpoint}/{id}", operation)

    assert (answer.status, answer.json["scimType"]) == (400, scim_type)
    assert place.stored(client, id) == held


def test_operations_of_a_patch_complete_each_other(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", code="c")
    blue = place.path('labels[colour eq "blue"]')

    answer = client.patch(
        f"{place.endpoint}/{id}",
        {"op": "add", "path": f"{blue}.weight", "value": 3},
        {"op": "add", "path": f"{blue}.text", "value": "t"},
        {"op": "add", "path": place.path("contact.phone"), "value": "1"},
        {"op": "add", "path": place.path("contact.name"), "value": "n"},
    )

    assert answer.status in (200, 204)
    assert place.stored(client, id) == {
        "code": "c",
        "contact": {"name": "n", "phone": "1"},
        "labels": [{"text": "t", "weight": 3, "colour": "blue"}],
    }


@pytest.mark.parametrize("name", ["users", "groups", "its extension"])
def test_the_whole_extension_may_go(client: SCIMTestClient, name: str) -> None:
    place = PLACES[name]
    id = place.made(client, "one", code="c", labels=[{"text": "t"}])

    answer = client.patch(f"{place.endpoint}/{id}", {"op": "remove", "path": place.urn})

    assert answer.status in (200, 204)
    assert place.stored(client, id) == {}


@pytest.fixture
def needed(scim_settings: Callable[..., None]) -> None:
    groups = "tests.characteristics.declarations.NEEDED_GROUP_TRAITS"
    scim_settings(**{**SETTINGS, "EXTENSIONS": {"User": [NEEDED], "Group": [groups]}})


@pytest.mark.usefixtures("needed")
@pytest.mark.parametrize("name", ["users", "groups", "its extension"])
def test_a_required_extension_is_missing(client: SCIMTestClient, way: str, name: str) -> None:
    place = PLACES[name]
    if name == "its extension":
        place = Place(
            endpoint="/Needs",
            schema="urn:example:params:scim:schemas:core:2.0:Need",
            name=place.name,
            urn=place.urn,
        )
    if way.startswith("PATCH"):
        id = place.made(client, "one", **FULL)
        answer = client.patch(f"{place.endpoint}/{id}", {"op": "remove", "path": place.urn})
        status, body = answer.status, answer.json
    else:
        status, body = write(way, client, place, "one", FULL, {})

    assert (status, body["scimType"]) == (400, "invalidValue")
    assert str(place.urn) in body["detail"]


def test_what_was_stored_before_it_was_required_can_still_be_deactivated(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    id = USERS.made(client, "ann")
    scim_settings(**{**SETTINGS, "EXTENSIONS": {"User": [NEEDED]}})

    closed = client.patch(f"/Users/{id}", {"op": "replace", "path": "active", "value": False})
    filled = client.patch(
        f"/Users/{id}", {"op": "add", "path": f"{USER_TRAITS.id}:note", "value": "n"}
    )

    assert closed.json["active"] is False
    assert (filled.status, filled.json["scimType"]) == (400, "invalidValue")


def test_me_is_held_to_it_as_well(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(**SETTINGS, ADAPTER="tests.test_me.FirstIsMe")
    USERS.made(client, "ann")
    note = {"op": "add", "path": USERS.path("note"), "value": "n"}

    answers = [
        client.request("PUT", "/Me", USERS.body("ann", {"note": "n"})),
        client.patch("/Me", note),
    ]

    assert [(a.status, a.json["scimType"]) for a in answers] == [(400, "invalidValue")] * 2


def test_discovery_says_so(client: SCIMTestClient, place: Place) -> None:
    schema = client.get(f"/Schemas/{place.urn or place.schema}").json
    shown = {a["name"]: a for a in schema["attributes"]}

    assert shown["code"]["required"] is True
    (name, *_) = shown["contact"]["subAttributes"]
    assert name["required"] is True
