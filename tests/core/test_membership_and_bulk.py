"""Set operations on members, and the forms of bulk requests, at their edges."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import parse_bulk_request
from django_scim_provider.core.bulk.processing import bulk_response, run_bulk
from django_scim_provider.core.engine import Answer
from django_scim_provider.core.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    NotFound,
    SCIMError,
    TooMany,
)
from django_scim_provider.core.messages import parse_patch_request
from django_scim_provider.core.patching.members import split_patch
from django_scim_provider.core.profiles import GENERIC, STRICT
from django_scim_provider.core.schemas import GROUP
from tests.scim_client import GROUP as GROUP_URN
from tests.scim_client import PATCH

URN_PATH = f"{GROUP_URN}:members"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATHS = BulkPaths("http://x", ["/Users", "/Groups"])


def split(*operations: dict[str, Any], profile: Any = GENERIC) -> Any:
    parsed = parse_patch_request({"schemas": [PATCH], "Operations": list(operations)}, profile)
    return split_patch(parsed, GROUP, profile)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "value": {"members.value": "a"}},
        {"op": "replace", "value": {'members[type eq "User"].value': "a"}},
        {"op": "add", "value": {f"{URN_PATH}.value": "a"}},
        {"op": "replace", "path": "members.type", "value": "User"},
        {"op": "remove", "path": 'members[value eq "a"].type'},
        {"op": "replace", "path": 'members[value eq "a"]', "value": {"type": "User"}},
    ],
)
def test_what_needs_the_members_at_hand_is_left_to_the_whole_resource(
    operation: dict[str, Any],
) -> None:
    assert split(operation) is None


def test_filter_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidPath):
        split({"op": "remove", "path": "members[value eq 1]"})


def shown(id: str, name: str, kind: str = "User") -> dict[str, str]:
    return {"value": id, "type": kind, "display": name, "$ref": f"http://x/{kind}s/{id}"}


PEOPLE = [shown("a", "Ann"), shown("b", "Bob"), shown("c", "Core", "Group")]


@pytest.mark.parametrize(
    ("term", "removed"),
    [
        ('display eq "ANN"', "a"),
        ('display eq "ann" or value eq "b"', "ab"),
        ('display eq "ann" and type eq "Group"', ""),
        ('value eq "a" and type eq "User"', "a"),
        ('not (display eq "ann")', "bc"),
        ('display sw "b" or display eq "ann"', "ab"),
        ('type eq "group"', "c"),
        ('$ref ew "/b"', "b"),
        ("display pr", "abc"),
        ('value sw "x"', ""),
    ],
)
def test_filter_removes_whom_it_matches(term: str, removed: str) -> None:
    _, change = split({"op": "remove", "path": f"members[{term}]"})

    found = change.without_filters(PEOPLE, 99)

    assert found.removed == set(removed)


def test_order_of_filters_and_values_counts() -> None:
    by_name = {"op": "remove", "path": 'members[display eq "ann" or display eq "bob"]'}
    _, change = split(
        {"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "c"}]},
        by_name,
        {"op": "add", "path": "members", "value": [{"value": "b"}]},
        {"op": "remove", "path": 'members[value eq "c"]'},
    )

    found = change.without_filters(PEOPLE, 99)

    assert change.added_before_filters() == ["a"]
    assert (set(found.added), found.removed) == ({"b"}, {"a", "c"})


def test_filter_used_again_looks_at_who_came_between() -> None:
    by_name = {"op": "remove", "path": 'members[display eq "ann"]'}
    _, change = split(by_name, {"op": "add", "path": "members", "value": {"value": "a"}}, by_name)

    assert not change.without_filters(PEOPLE, 99).added


def test_filters_before_a_replace_are_forgotten() -> None:
    _, change = split(
        {"op": "remove", "path": 'members[type eq "User"]'},
        {"op": "replace", "path": "members", "value": [{"value": "a"}]},
    )

    assert (change.cleared, list(change.added), change.filters) == (True, ["a"], {})


def test_filters_that_look_at_too_many_members_are_refused() -> None:
    terms = ['type eq "x"', 'display co "y"', 'display eq "ann"']
    _, change = split(*({"op": "remove", "path": f"members[{term}]"} for term in terms))

    assert change.without_filters(PEOPLE, 7).removed == {"a"}
    with pytest.raises(TooMany, match="MAX_PATCH_STEPS"):
        change.without_filters(PEOPLE, 6)


def test_same_name_of_many_counts_for_each() -> None:
    names = [shown(str(n), "Twin", "Group") for n in range(50)]
    terms = [f'display eq "twin" and value sw "{n}"' for n in range(3)]
    _, change = split(*({"op": "remove", "path": f"members[{term}]"} for term in terms))

    assert len(change.without_filters(names, 150).removed) == 23
    with pytest.raises(TooMany):
        change.without_filters(names, 149)


@pytest.mark.parametrize(
    ("operations", "cleared", "added", "removed", "others"),
    [
        ([{"op": "add", "path": "members", "value": {"value": "a"}}], False, "a", "", 0),
        ([{"op": "add", "path": "Members", "value": [{"value": "a"}, {}]}], False, "a", "", 0),
        (
            [{"op": "add", "path": f"{GROUP_URN}:members", "value": [{"value": "a"}]}],
            False,
            "a",
            "",
            0,
        ),
        ([{"op": "add", "value": {URN_PATH: [{"value": "a"}]}}], False, "a", "", 0),
        ([{"op": "replace", "value": {URN_PATH.upper(): None}}], True, "", "", 0),
        ([{"op": "replace", "path": "members", "value": []}], True, "", "", 0),
        ([{"op": "replace", "value": {"members": None, "displayName": "x"}}], True, "", "", 1),
        ([{"op": "remove", "path": "members"}], True, "", "", 0),
        ([{"op": "remove", "path": "members", "value": [{"value": "a"}]}], False, "", "a", 0),
        ([{"op": "remove", "path": 'members[value eq "a" or value eq "b"]'}], False, "", "ab", 0),
        ([{"op": "replace", "path": "displayName", "value": "x"}], False, "", "", 1),
        ([{"op": "replace", "path": "urn:x:other:members", "value": "x"}], False, "", "", 1),
        ([{"op": "replace", "value": {"displayName": "x"}}], False, "", "", 1),
        ([{"op": "replace", "value": {}}], False, "", "", 1),
        ([{"op": "remove"}], False, "", "", 1),
        ([{"op": "add", "value": "x"}], False, "", "", 1),
        (
            [
                {"op": "remove", "path": 'members[value eq "a"]'},
                {"op": "add", "path": "members", "value": [{"value": "a"}]},
            ],
            False,
            "a",
            "",
            0,
        ),
    ],
)
def test_operations_become_one_change(
    operations: list[dict[str, Any]], cleared: bool, added: str, removed: str, others: int
) -> None:
    rest, change = split(*operations)

    assert (change.cleared, "".join(change.added), sorted(change.removed)) == (
        cleared,
        added,
        sorted(removed),
    )
    assert len(rest) == others


def test_strict_profile_ignores_the_values_of_a_remove() -> None:
    _, change = split(
        {"op": "remove", "path": "members", "value": [{"value": "a"}]}, profile=STRICT
    )

    assert change.cleared


def test_operation_without_a_value_is_refused() -> None:
    with pytest.raises(InvalidValue, match="no value"):
        split({"op": "add", "path": "members"})


def test_urn_keys_are_no_names_for_the_strict() -> None:
    operation = {"op": "add", "value": {URN_PATH: [{"value": "a"}]}}

    with pytest.raises(InvalidPath, match="not the name of an attribute"):
        split(operation, profile=STRICT)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ([], InvalidSyntax),
        ({"schemas": [BULK]}, InvalidSyntax),
        ({"schemas": [BULK], "Operations": []}, InvalidSyntax),
        ({"schemas": [BULK], "Operations": ["x"]}, InvalidSyntax),
        ({"schemas": [BULK], "Operations": [{}], "failOnErrors": -1}, InvalidValue),
        ({"schemas": [BULK], "Operations": [{}], "failOnErrors": True}, InvalidValue),
        ({"schemas": [BULK], "Operations": [{}], "failOnErrors": False}, InvalidValue),
        ({"schemas": [BULK], "Operations": [{}], "failOnErrors": 1.0}, InvalidValue),
        ({"schemas": [BULK], "Operations": [{}], "failOnErrors": 0.0}, InvalidValue),
        ({"schemas": [BULK], "Operations": [{}], "failOnErrors": "0"}, InvalidValue),
        ({"schemas": [BULK], "Operations": [{"bulkId": "a"}, {"bulkId": "a"}]}, InvalidSyntax),
    ],
)
def test_bulk_request_that_is_none_is_refused(body: Any, error: type[SCIMError]) -> None:
    with pytest.raises(error):
        parse_bulk_request(body, GENERIC, max_operations=9)


@pytest.mark.parametrize(
    "operation",
    [
        {"method": "GET", "path": "/Users"},
        {"method": 5, "path": "/Users"},
        {"method": "POST", "path": "/Users", "data": {}},
        {"method": "PUT", "path": "/Users/1", "data": []},
        {"method": "DELETE"},
        {"method": "DELETE", "path": 5},
        {"method": "DELETE", "path": "/Users/1", "version": 5},
        {},
    ],
)
def test_malformed_operation_fails_alone(operation: dict[str, Any]) -> None:
    body = {"schemas": [BULK], "Operations": [operation]}
    request = parse_bulk_request(body, GENERIC, max_operations=9)

    tried = run_bulk(request, lambda operation: Answer(204), lambda work: work(), PATHS)

    (result,) = bulk_response(tried)["Operations"]
    assert result["status"] == "400"
    assert result["response"]["scimType"] == "invalidSyntax"


def test_circle_that_fails_is_409_for_all_and_stops_after_errors() -> None:
    second = {"value": "bulkId:b"}
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"manager": second}},
        {"method": "PATCH", "path": "/Users/bulkId:a", "data": {"x": ["bulkId:b", "y", 1]}},
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": "b",
            "data": {"manager": {"value": "bulkId:a"}},
        },
    ]
    body = {"schemas": [BULK], "Operations": operations, "failOnErrors": 1}
    request = parse_bulk_request(body, GENERIC, max_operations=9)

    def refuse(operation: Any) -> Answer:
        raise NotFound("no")

    tried = run_bulk(request, refuse, lambda work: work(), PATHS)

    assert {result["status"] for _, result in tried} == {"409"}
