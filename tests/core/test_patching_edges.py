"""PATCH at its edges: what becomes empty, what is required, what vendors wrap."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
)
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC, STRICT
from django_scim_provider.core.schemas.definitions import (
    Attribute,
    Resource,
    ResourceType,
    Schema,
    SchemaExtension,
)
from tests.core.test_patching import BASE, CORE, ENTERPRISE, op, patched

CASE = Schema(
    id="urn:example:Case",
    name="Case",
    attributes=(
        Attribute(name="label", mutability="immutable"),
        Attribute(name="tags", multi_valued=True, required=True),
        Attribute(
            name="parts",
            type="complex",
            multi_valued=True,
            required=True,
            sub_attributes=(
                Attribute(name="value"),
                Attribute(name="serial", mutability="readOnly"),
            ),
        ),
    ),
)
NOTES = Schema(id="urn:example:Notes", name="Notes", attributes=(Attribute(name="text"),))
CASES = ResourceType(
    name="Case",
    endpoint="/Cases",
    schema=CASE,
    extensions=(SchemaExtension(schema=NOTES, required=True),),
)


def patched_case(operation: dict[str, Any], **held: Any) -> Resource:
    case = {
        "schemas": [CASE.id, NOTES.id],
        "tags": ["a"],
        "parts": [{"value": "p", "serial": "1"}],
        NOTES.id: {"text": "x"},
        **held,
    }
    made = PatchOperation(**{"has_value": "value" in operation, **operation})
    return apply_patch(case, [made], CASES, GENERIC)


@pytest.mark.parametrize(
    ("operations", "name", "expected"),
    [
        pytest.param(
            [op("remove", "name.givenName"), op("remove", "name.familyName")],
            "name",
            None,
            id="complex-without-parts-goes",
        ),
        pytest.param(
            [op("replace", "name", {"givenName": None, "familyName": None})],
            "name",
            None,
            id="merge-that-empties",
        ),
        pytest.param(
            [op("add", "roles", {"value": "a"}), op("remove", 'roles[value eq "a"].value')],
            "roles",
            None,
            id="element-without-parts-goes",
        ),
        pytest.param(
            [op("add", "roles", {"value": "a"}), op("replace", 'roles[value eq "a"].value', "")],
            "roles",
            None,
            id="element-emptied-by-text-goes",
        ),
        pytest.param(
            [op("add", 'emails[type eq "home"]', {"display": "D"})],
            "emails",
            [BASE["emails"][0], {**BASE["emails"][1], "display": "D"}],
            id="add-to-a-match-merges",
        ),
        pytest.param(
            [op("remove", 'emails[type eq "home"].type')],
            "emails",
            [BASE["emails"][0], {"value": "b@home.example"}],
            id="remove-in-a-match",
        ),
        pytest.param(
            [op("add", 'ims[type eq "x"]', "v")],
            "ims",
            [{"type": "x", "value": "v"}],
            id="made-from-a-plain-value",
        ),
        pytest.param(
            [op("replace", "emails.display", "D")],
            "emails",
            [{**email, "display": "D"} for email in BASE["emails"]],
            id="sub-attribute-of-all",
        ),
        pytest.param(
            [op("remove", "emails", BASE["emails"])], "emails", None, id="all-listed-values-go"
        ),
        pytest.param(
            [op("remove", "emails", {"emails": [BASE["emails"][0]]})],
            "emails",
            [BASE["emails"][1]],
            id="list-wrapped-in-its-own-name",
        ),
        pytest.param(
            [op("replace", "emails", {"EMAILS": [BASE["emails"][0]]})],
            "emails",
            [BASE["emails"][0]],
            id="replacing-list-wrapped-in-its-own-name",
        ),
        pytest.param([op("add", "emails", None)], "emails", BASE["emails"], id="add-nothing"),
        pytest.param([op("add", None, {"colour": 1})], "title", "Guide", id="unknown-key"),
        pytest.param(
            [op("add", ENTERPRISE, {"colour": 1, "manager.value": "m9"})],
            ENTERPRISE,
            {"department": "Tours", "manager": {"value": "m9"}},
            id="dotted-key-in-an-extension",
        ),
        pytest.param([op("replace", ENTERPRISE, {})], ENTERPRISE, None, id="empty-extension"),
        pytest.param(
            [op("add", "schemas", [ENTERPRISE, "urn:unknown"])],
            "schemas",
            [CORE, ENTERPRISE],
            id="schemas-take-what-is-registered",
        ),
        pytest.param(
            [op("add", "schemas", ENTERPRISE)], "schemas", [CORE, ENTERPRISE], id="one-schema"
        ),
    ],
)
def test_operations_give(operations: list[dict[str, Any]], name: str, expected: Any) -> None:
    assert patched(*operations).get(name) == expected


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        pytest.param(op("add", None, {CORE: "x"}), InvalidPath, id="core-as-key"),
        pytest.param(op("add", ENTERPRISE, "x"), InvalidValue, id="extension-as-text"),
        pytest.param(op("remove", "schemas"), Mutability, id="schemas-removed"),
        pytest.param(op("add", "schemas", [5]), InvalidValue, id="schemas-of-numbers"),
        pytest.param(op("add", 'roles[value eq "x"].value', ""), InvalidValue, id="made-empty"),
        pytest.param(
            op("add", 'ims[type eq "a" and type eq "b"].value', "v"), NoTarget, id="made-twofold"
        ),
        pytest.param(op("add", "ims[type eq null].value", "v"), NoTarget, id="made-of-null"),
        pytest.param(
            op("add", 'name[givenName eq "x"].familyName', "v"), InvalidPath, id="singular"
        ),
        pytest.param(op("add", "emails[type eq 5].value", "v"), InvalidPath, id="filter-type"),
        pytest.param(op("add", "name.givenName.x", "v"), InvalidPath, id="three-names"),
        pytest.param(op("add", "x" * 5000, "v"), InvalidPath, id="long"),
        pytest.param(op("add", "emails.value[type pr]", "v"), InvalidPath, id="filter-behind-sub"),
        pytest.param(op("add", "emails[type pr].a.b", "v"), InvalidPath, id="two-subs"),
    ],
)
def test_operation_is_refused(operation: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        patched(operation)


@pytest.mark.parametrize(
    "operation",
    [
        op("add", ENTERPRISE, {"manager.value": "m"}),
        op("add", None, {f"{ENTERPRISE}:department": "x"}),
    ],
)
def test_strict_profile_takes_no_dotted_keys(operation: dict[str, Any]) -> None:
    with pytest.raises(InvalidPath):
        patched(operation, profile=STRICT)


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        pytest.param({"op": "remove", "path": NOTES.id}, InvalidValue, id="required-extension"),
        pytest.param({"op": "remove", "path": "tags"}, Mutability, id="required-list"),
        pytest.param(
            {"op": "remove", "path": "tags", "value": ["a"]}, InvalidValue, id="last-of-a-list"
        ),
        pytest.param(
            {"op": "remove", "path": 'parts[value eq "p"]'}, InvalidValue, id="last-that-matches"
        ),
        pytest.param(
            {"op": "replace", "path": 'parts[value eq "p"].serial', "value": "2"},
            Mutability,
            id="read-only-part",
        ),
        pytest.param(
            {"op": "replace", "path": "tags[value eq 1]", "value": "2"}, InvalidPath, id="no-parts"
        ),
    ],
)
def test_required_values_stay(operation: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        patched_case(operation)


def test_immutable_value_is_set_once_and_repeated_freely() -> None:
    made = patched_case({"op": "add", "path": "label", "value": "L"})

    same = patched_case({"op": "replace", "path": "label", "value": "L"}, label="L")

    assert (made["label"], same["label"]) == ("L", "L")
    with pytest.raises(Mutability):
        patched_case({"op": "replace", "path": "label", "value": "M"}, label="L")


def test_simple_values_are_added_once() -> None:
    result = patched_case({"op": "add", "path": "tags", "value": ["a", "b"]})

    assert result["tags"] == ["a", "b"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "OP": "add", "path": "title", "value": "x"},
        op("replace", None, {"title": "x", "TITLE": "y"}),
        op("replace", "name", {"givenName": "x", "GIVENNAME": "y"}),
        op("replace", ENTERPRISE, {"department": "x", "Department": "y"}),
        op("add", "emails", [{"value": "x@y.example", "VALUE": "z@y.example"}]),
        op("replace", 'emails[type eq "work"].value', "x@y.example") | {"PATH": "title"},
    ],
)
def test_name_in_two_cases_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(InvalidSyntax):
        patched(operation)
