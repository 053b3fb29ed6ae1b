"""Numbers that a double does not tell apart are told apart by filters, on every database."""

from __future__ import annotations

import operator
from typing import Any
from urllib.parse import quote

import pytest

from tests.extensions import BADGE_URN
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db

LARGE = 2**53
VALUES = (0, LARGE, LARGE + 1, 2**63 - 1, -LARGE - 1)
OPERATORS = {name: getattr(operator, name) for name in ("eq", "ne", "gt", "le")}


def filled(client: SCIMTestClient, name: str, values: Any) -> None:
    for number, value in enumerate(values):
        badge = {name: value}
        body = {"schemas": [CORE, BADGE_URN], "userName": f"u{number}", BADGE_URN: badge}
        assert client.request("POST", "/Users", body).status == 201


def found(client: SCIMTestClient, name: str, op: str, value: Any) -> set[Any]:
    wanted = quote(f"{BADGE_URN}:{name} {op} {value}")
    answer = client.get(f"/Users?filter={wanted}")
    return {user[BADGE_URN][name] for user in answer.json["Resources"]}


@pytest.mark.parametrize("name", ["level", "score"])
def test_neighbours_of_large_integers_differ(
    scim_client: SCIMTestClient, scim_settings: Any, name: str
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    filled(scim_client, name, VALUES)

    for op, compares in OPERATORS.items():
        for value in VALUES:
            expected = {each for each in VALUES if compares(each, value)}
            assert found(scim_client, name, op, value) == expected, (op, value)


@pytest.mark.parametrize("value", [LARGE, -LARGE])
def test_any_decimal_stands_beside_a_large_integer(
    scim_client: SCIMTestClient, scim_settings: Any, value: int
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    decimals = (0.5, -0.5, 1e-9, LARGE + 2.0)
    filled(scim_client, "score", decimals)

    for op, compares in OPERATORS.items():
        expected = {each for each in decimals if compares(each, value)}
        assert found(scim_client, "score", op, value) == expected, op
