"""Bodies become canonical resources, or errors that name the attribute."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue, SCIMError
from django_scim_provider.core.messages import parse_patch_request, parse_search_request
from django_scim_provider.core.profiles import GENERIC, STRICT
from django_scim_provider.core.projection import parse, project
from django_scim_provider.core.schema import Attribute
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.validation import clean
from tests.core.test_patching import CORE, ENTERPRISE
from tests.core.test_patching_edges import CASE, CASES, NOTES


def cleaned(profile: Any = GENERIC, **attributes: Any) -> dict[str, Any]:
    body = {"schemas": [CORE], "userName": "ann", **attributes}
    return clean(body, USER, profile, context="create")


@pytest.mark.parametrize(
    ("attributes", "name", "expected"),
    [
        pytest.param({"NICKNAME": "x"}, "nickName", "x", id="name-in-any-case"),
        pytest.param({"colour": "x"}, "colour", None, id="unknown"),
        pytest.param({"id": "x"}, "id", None, id="read-only"),
        pytest.param({"title": ""}, "title", None, id="empty-text"),
        pytest.param({"title": ["x"]}, "title", "x", id="list-of-one"),
        pytest.param({"title": []}, "title", None, id="empty-list"),
        pytest.param({"active": " TRUE "}, "active", True, id="boolean-as-text"),
        pytest.param({"emails": {"value": "a@x"}}, "emails", [{"value": "a@x"}], id="one-object"),
        pytest.param({"emails": ""}, "emails", None, id="empty-text-for-a-list"),
        pytest.param({"emails": [None, {}]}, "emails", None, id="list-of-nothing"),
        pytest.param({"name": {}}, "name", None, id="empty-object"),
        pytest.param(
            {"roles": [{"value": "r", "colour": 1}]}, "roles", [{"value": "r"}], id="part"
        ),
        pytest.param({ENTERPRISE: None}, ENTERPRISE, None, id="null-extension"),
        pytest.param({ENTERPRISE: {"colour": 1}}, ENTERPRISE, None, id="unknown-in-extension"),
        pytest.param(
            {ENTERPRISE.upper(): {"DEPARTMENT": "D"}},
            ENTERPRISE,
            {"department": "D"},
            id="extension-in-any-case",
        ),
        pytest.param(
            {ENTERPRISE: {"manager": "m"}},
            ENTERPRISE,
            {"manager": {"value": "m"}},
            id="manager-as-text",
        ),
        pytest.param({"schemas": CORE}, "schemas", [CORE], id="schemas-as-text"),
        pytest.param({"schemas": None}, "schemas", [CORE], id="schemas-left-out"),
        pytest.param(
            {"schemas": [CORE, ENTERPRISE, "urn:x"]},
            "schemas",
            [CORE, ENTERPRISE],
            id="schemas-without-data",
        ),
    ],
)
def test_body_becomes(attributes: dict[str, Any], name: str, expected: Any) -> None:
    assert cleaned(**attributes).get(name) == expected


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        pytest.param({"USERNAME": "bob"}, InvalidSyntax, id="name-twice"),
        pytest.param(
            {"name": {"givenName": "a", "GIVENNAME": "b"}}, InvalidSyntax, id="part-twice"
        ),
        pytest.param(
            {ENTERPRISE: {"department": "a"}, ENTERPRISE.upper(): {"department": "b"}},
            InvalidSyntax,
            id="extension-twice",
        ),
        pytest.param({"schemas": 5}, InvalidSyntax, id="schemas-as-number"),
        pytest.param({"schemas": ["urn:x"]}, InvalidSyntax, id="schemas-of-another"),
        pytest.param({"name": "x"}, InvalidValue, id="text-for-an-object"),
        pytest.param({"title": ["a", "b"]}, InvalidValue, id="two-for-one"),
        pytest.param({"emails": "x"}, InvalidValue, id="text-for-a-list"),
        pytest.param({"emails": [{"value": "x" * 321}]}, InvalidValue, id="too-long"),
        pytest.param({"title": "a\x00"}, InvalidValue, id="nul"),
    ],
)
def test_body_is_refused(attributes: dict[str, Any], error: type[SCIMError]) -> None:
    with pytest.raises(error):
        cleaned(**attributes)


@pytest.mark.parametrize(
    "attributes",
    [
        {"schemas": None},
        {"schemas": CORE},
        {"title": ["x"]},
        {"active": "true"},
        {"emails": {"value": "a@x"}},
        {"emails": [{"value": "a@x", "primary": True}, {"value": "b@x", "primary": True}]},
        {ENTERPRISE: {"manager": "m"}},
    ],
)
def test_strict_profile_refuses_what_only_vendors_send(attributes: dict[str, Any]) -> None:
    with pytest.raises(SCIMError):
        cleaned(STRICT, **attributes)


def test_strict_profile_takes_no_qualified_keys_and_keeps_empty_text() -> None:
    result = cleaned(STRICT, title="", **{f"{CORE}:nickName": "x"})

    assert result["title"] == ""
    assert "nickName" not in result


def test_required_extension_is_required() -> None:
    body = {"schemas": [CASE.id], "tags": ["a"], "parts": [{"value": "p"}]}

    with pytest.raises(InvalidValue, match="Notes"):
        clean(body, CASES, GENERIC, context="create")
    whole = clean({**body, NOTES.id: {"text": "x"}}, CASES, GENERIC, context="create")

    assert whole["schemas"] == [CASE.id, NOTES.id]


def test_complex_attribute_needs_parts() -> None:
    with pytest.raises(ValueError, match="sub-attributes"):
        Attribute(name="x", type="complex")


@pytest.mark.parametrize(
    "body",
    [
        {"Operations": []},
        {"Operations": [{"op": "add", "path": "title", "value": "x"}]},
        {"schemas": ["urn:x"], "Operations": [{"op": "add", "path": "title", "value": "x"}]},
        {"Operations": 5},
        {"operations": [], "Operations": []},
    ],
)
def test_strict_profile_refuses_loose_messages(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidSyntax):
        parse_patch_request(body, STRICT)


def test_empty_operations_are_tolerated_by_the_generic_profile() -> None:
    assert parse_patch_request({"Operations": []}, GENERIC) == []


@pytest.mark.parametrize(
    "body",
    [
        {"filter": 5},
        {"count": "x"},
        {"count": True},
        {"startIndex": 1.5},
        {"attributes": 5},
        {"attributes": [5]},
        {"sortBy": []},
        {"filter": "a pr", "FILTER": "b pr"},
        [],
    ],
)
def test_bad_search_is_refused(body: Any) -> None:
    with pytest.raises(SCIMError):
        parse_search_request(body, GENERIC)


def test_search_takes_names_as_text() -> None:
    request = parse_search_request({"attributes": "userName, title", "Count": 5}, GENERIC)

    assert (request.attributes, request.count) == (["userName", " title"], 5)
    assert parse_search_request({"attributes": []}, GENERIC).attributes is None


def test_projection_of_nothing_is_none() -> None:
    assert parse(None, None, USER) is None


def test_projection_prefers_the_whole_to_its_parts() -> None:
    resource = {"schemas": [CORE], "id": "1", "name": {"givenName": "a", "familyName": "b"}}
    asked = parse(["name", "name.givenName"], None, USER)
    both = parse(["name.givenName", "name.familyName", "title.x"], None, USER)

    assert asked is not None
    assert both is not None
    assert project(resource, asked, USER)["name"] == resource["name"]
    assert project(resource, both, USER)["name"] == resource["name"]
    assert not asked.wants("groups")
