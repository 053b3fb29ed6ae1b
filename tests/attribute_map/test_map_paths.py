"""Paths of a map, in resources."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from django_scim_provider.attribute_map.map_paths import MapFault, parse_map_path
from tests.scim_client import CORE, ENTERPRISE

WORK = 'phoneNumbers[type eq "work" and primary eq true].value'
ANN: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "title": "Dr.",
    "name": {"formatted": "Ann"},
    "phoneNumbers": [
        {"type": "work", "value": "1"},
        {"type": "Work", "value": "2", "primary": True},
    ],
    ENTERPRISE: {"department": "IT"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "Dr."),
        (f"{CORE}:title", "Dr."),
        ("name.formatted", "Ann"),
        (f"{ENTERPRISE}:department", "IT"),
        (WORK, "2"),
        ('phoneNumbers[type eq "WORK"].value', "1"),
        ("phoneNumbers.value", "2"),
        ("phoneNumbers", ANN["phoneNumbers"]),
        ("nickName", None),
        ("name.givenName", None),
        ('phoneNumbers[type eq "home"].value', None),
        ("urn:x:y:department", None),
    ],
)
def test_value_of_a_path(path: str, value: Any) -> None:
    assert parse_map_path(path).value_of(ANN) == value


@pytest.mark.parametrize(
    "path",
    ["title", "name.formatted", WORK, f"{ENTERPRISE}:department", "nickName", "name.givenName"],
)
def test_what_is_put_is_found_and_taken_out_without_a_trace(path: str) -> None:
    resource, without = deepcopy(ANN), deepcopy(ANN)
    found = parse_map_path(path)
    found.take_out(without)

    found.put(resource, "new")
    assert found.value_of(resource) == "new"
    found.put(resource, "")
    assert resource == without
    assert found.value_of(resource) is None


def test_extension_comes_and_goes_with_its_value() -> None:
    resource: dict[str, Any] = {"schemas": [CORE]}
    path = parse_map_path(f"{ENTERPRISE}:department")

    path.put(resource, "IT")
    held = deepcopy(resource)
    path.take_out(resource)

    assert held == {"schemas": [CORE, ENTERPRISE], ENTERPRISE: {"department": "IT"}}
    assert resource == {"schemas": [CORE]}


def test_new_value_of_several_has_what_its_filter_says() -> None:
    resource: dict[str, Any] = {}

    parse_map_path(WORK).put(resource, "3")

    assert resource == {"phoneNumbers": [{"type": "work", "primary": True, "value": "3"}]}


@pytest.mark.parametrize(
    "path",
    ["", "a b", ENTERPRISE, 'emails[type eq "a" or type eq "b"].value', "emails[type pr].value"],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(MapFault):
        parse_map_path(path)
