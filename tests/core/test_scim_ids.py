"""Which texts are ids, and where requests name them."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.bulk.references import (
    named_values,
    references,
    substituted,
    without,
)
from django_scim_provider.core.validation.scim_ids import may_be_id, refuse_unfit_id


@pytest.mark.parametrize(
    "id", ["1", "a b", "é", '"', "\\", "%2F", "search", ".a", "bulkid", "x" * 255]
)
def test_fit_ids(id: str) -> None:
    refuse_unfit_id(id)

    assert may_be_id(id)


@pytest.mark.parametrize("text", ["", "x" * 256, "a\x00b", "\udfff"])
def test_databases_are_not_asked_for_what_no_id_is(text: str) -> None:
    assert not may_be_id(text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"displayName": "x", "members": [{"value": "1"}, {"VALUE": "2"}, {"$ref": "3"}]}, "1 2"),
        ({"Operations": [{"op": "add", "path": "members", "value": [{"value": "1"}]}]}, "1"),
        ({"Operations": [{"op": "remove", "path": "members", "value": ["1", "2"]}]}, "1 2"),
        ({"Operations": [{"path": 'members[value eq "a\\"b" or value eq "\\u0063"]'}]}, 'a"b c'),
        ({"Operations": [{"path": 'members[value eq "\\ud800" or value eq "x'}]}, ""),
        ({"displayName": "x", "members": ["1", "2"], "externalId": "3"}, "1 2"),
        ({"members.value": "1", "urn:x:Group:Members": ["2"]}, "1 2"),
        ({"Operations": [{"value": {'members[value eq "1"]': {"value": "2"}}}]}, "1 2"),
        ({"value": None, "path": 1}, ""),
        (None, ""),
    ],
)
def test_ids_that_data_of_a_group_name(data: Any, expected: str) -> None:
    assert " ".join(named_values(data)) == expected


def test_reference_within_a_filter_is_escaped_as_there() -> None:
    data = ["bulkId:a", 'members[value eq "bulkId:a"]', {'members[value eq "bulkId:a"]': 1}]

    found = substituted(data, lambda reference: 'q"\\')

    path = 'members[value eq "q\\"\\\\"]'
    assert found == ['q"\\', path, {path: 1}]


def test_reference_in_a_key_is_one() -> None:
    data = {"op": "add", "value": {'members[value eq "bulkId:a"].type': "User", "displayName": "g"}}

    assert list(references(data)) == ["a"]
    assert without(data, {"a"}) == {"op": "add", "value": {"displayName": "g"}}
