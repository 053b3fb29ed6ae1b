"""The characteristics are the schema's: no profile takes them away, and case is as declared."""

from __future__ import annotations

from typing import Any

import pytest

from tests.characteristics.places import CHANGES, CREATIONS, PLACES, Place, write
from tests.factories import make_token
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("profile", ["strict", "entra", "okta"])
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"code": "  "}, (400, "invalidValue")),
        ({"code": "c", "contact": {"phone": "1"}}, (400, "invalidValue")),
        ({"code": "c", "badge": "B-1"}, (409, "uniqueness")),
        ({"code": "c", "cards": [{"number": "N"}]}, (409, "uniqueness")),
        ({"code": "c", "hired": "later"}, (400, "mutability")),
    ],
)
def test_every_profile_is_held_to_them(
    place: Place, profile: str, sent: dict[str, Any], expected: tuple[int, str]
) -> None:
    client = SCIMTestClient(make_token(profile=profile))
    place.made(client, "first", code="c", badge="B-1", cards=[{"number": "n"}])
    # What is set once has to be there already.
    before, ways = {"code": "c"}, [*CREATIONS, *CHANGES]
    if "hired" in sent:
        before, ways = {"code": "c", "hired": "h"}, [*CHANGES]

    for number, way in enumerate(ways):
        status, body = write(way, client, place, f"r{number}", before, sent)

        assert (status, body["scimType"]) == expected, way


def test_case_counts_where_it_is_declared(client: SCIMTestClient, place: Place) -> None:
    place.made(client, "one", code="c", badge="B-1", alias="Ann", cards=[{"number": "N-1"}])

    found = {
        expression: client.find(place.path(expression), place.endpoint[1:]).json["totalResults"]
        for expression in (
            'badge eq "B-1"',
            'badge eq "b-1"',
            'alias eq "ANN"',
            'cards.number eq "n-1"',
        )
    }

    assert list(found.values()) == [1, 0, 1, 1]


def test_canonical_values_are_suggestions(client: SCIMTestClient, way: str) -> None:
    for name, place in PLACES.items():
        status, _ = write(way, client, place, name, {"code": "c"}, {"code": "c", "size": "odd"})
        (found,) = client.find(f'{place.path("size")} eq "ODD"', place.endpoint[1:]).json[
            "Resources"
        ]

        assert status in (200, 201, 204)
        assert place.shown(found) == {"code": "c", "size": "odd"}


def test_discovery_says_so(client: SCIMTestClient, place: Place) -> None:
    schema = client.get(f"/Schemas/{place.urn or place.schema}").json
    shown = {a["name"]: a for a in schema["attributes"]}

    assert [shown[name]["caseExact"] for name in ("badge", "alias")] == [True, False]
    assert shown["size"]["canonicalValues"] == ["small", "large"]
