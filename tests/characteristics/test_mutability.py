"""``mutability`` holds on every write, for attributes, sub-attributes and whole extensions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.characteristics.declarations import ISSUES
from tests.characteristics.places import CHANGES, PLACES, Place, write
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

HELD = {
    "code": "c",
    "hired": "h",
    "ranks": ["one", "two"],
    "origin": {"country": "de", "town": "t"},
    "seats": [{"row": "a", "note": "n"}],
}
EXTENDED = [name for name in PLACES if PLACES[name].urn]


@pytest.fixture(params=list(CHANGES))
def change(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"hired": "other"}, "hired"),
        ({"ranks": ["one"]}, "ranks"),
        ({"ranks": ["one", "two", "three"]}, "ranks"),
        ({"origin": {"country": "fr", "town": "t"}}, "origin.country"),
    ],
)
def test_what_is_set_once_stays(
    client: SCIMTestClient, place: Place, change: str, sent: dict[str, Any], named: str
) -> None:
    before = HELD
    # PUT names all that there is, PATCH only what it changes.
    status, body = write(
        change, client, place, "one", before, {**before, **sent} if "PUT" in change else sent
    )

    assert (status, body["scimType"]) == (400, "mutability")
    assert place.path(named) in body["detail"]


def test_what_is_set_once_may_be_set_and_repeated(
    client: SCIMTestClient, place: Place, change: str
) -> None:
    status, _ = write(change, client, place, "one", {"code": "c"}, HELD)
    repeated, _ = write(change, client, place, "two", HELD, HELD)

    assert {status, repeated} <= {200, 204}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "hired"},
        {"op": "remove", "path": "origin"},
        {"op": "remove", "path": "origin.country"},
        {"op": "remove", "path": "ranks"},
        {"op": "remove", "path": "ranks", "value": ["one"]},
        {"op": "add", "path": "ranks", "value": ["three"]},
        {"op": "replace", "path": 'seats[note eq "n"].row', "value": "b"},
    ],
)
def test_a_patch_changes_nothing_that_is_set_once(
    client: SCIMTestClient, place: Place, operation: dict[str, Any]
) -> None:
    id = place.made(client, "one", **HELD)
    operation = {**operation, "path": place.path(operation["path"])}

    answer = client.patch(f"{place.endpoint}/{id}", operation)

    assert (answer.status, answer.json["scimType"]) == (400, "mutability")
    assert place.stored(client, id) == HELD


@pytest.mark.parametrize("missing", ["hired", "ranks", "origin"])
def test_a_put_has_to_repeat_what_is_set_once(
    client: SCIMTestClient, place: Place, missing: str
) -> None:
    sent = {name: value for name, value in HELD.items() if name != missing}

    status, body = write("PUT", client, place, "one", HELD, sent)

    assert (status, body["scimType"]) == (400, "mutability")


@pytest.mark.parametrize("name", EXTENDED)
@pytest.mark.parametrize("operation", [{"op": "remove"}, {"op": "replace", "value": {}}])
def test_an_extension_does_not_go_with_what_is_set_once(
    client: SCIMTestClient, name: str, operation: dict[str, Any]
) -> None:
    place = PLACES[name]
    id = place.made(client, "one", code="c", hired="h")

    answer = client.patch(f"{place.endpoint}/{id}", {**operation, "path": place.urn})

    assert (answer.status, answer.json["scimType"]) == (400, "mutability")
    assert place.stored(client, id) == {"code": "c", "hired": "h"}


def test_what_is_read_only_is_not_taken_from_clients(
    client: SCIMTestClient, place: Place, way: str
) -> None:
    sent = {"code": "c", "issued": "x", "desk": {"plate": "p", "floor": "x"}}

    status, body = write(way, client, place, "one", {"code": "c"}, sent)

    if way in ("PATCH with path", "PATCH in bulk"):
        assert (status, body["scimType"]) == (400, "mutability")
    else:
        assert status in (200, 201, 204)
        path = f'{place.endpoint}?filter={place.name} eq "one"'
        (found,) = client.get(path).json["Resources"]
        assert place.shown(found) == {"code": "c", "desk": {"plate": "p"}}


def test_a_put_leaves_what_the_server_said(client: SCIMTestClient, change: str) -> None:
    place = replace(PLACES["own type"], endpoint="/Issues", schema=ISSUES.resource_type.schema.id)
    id = place.made(client, "one", code="c", desk={"plate": "p"})
    same = {"code": "c", "note": "n", "desk": {"plate": "p"}}

    status, _ = CHANGES[change](client, place, id, "one", same)
    kept = place.stored(client, id)
    CHANGES[change](client, place, id, "one", {"code": "c", "desk": {"plate": "other"}})
    moved = place.stored(client, id)

    assert status in (200, 204)
    assert kept == {**same, "issued": "I-1", "desk": {"plate": "p", "floor": "third"}}
    assert (moved["issued"], moved["desk"]["plate"]) == ("I-1", "other")
    assert ("floor" in moved["desk"]) is ("PATCH" in change)
