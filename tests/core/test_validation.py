"""Bodies become canonical resources, or errors that name the attribute."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue, SCIMError
from django_scim_provider.core.messages import parse_patch_request, parse_search_request
from django_scim_provider.core.profiles import GENERIC, PROFILES, STRICT, Profile
from django_scim_provider.core.projection import parse, project
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Attribute, ResourceType, Schema
from django_scim_provider.core.validation.cleaning import clean, clean_value
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
        pytest.param({"name": [{"givenName": "x"}]}, "name", {"givenName": "x"}, id="list-of-one"),
        pytest.param({"emails": []}, "emails", None, id="empty-list"),
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
            [CORE],
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
        pytest.param({"title": []}, InvalidValue, id="empty-list-for-a-text"),
        pytest.param({"title": ["x"]}, InvalidValue, id="list-for-a-text"),
        pytest.param({"displayName": {"value": "x"}}, InvalidValue, id="object-for-a-text"),
        pytest.param({"name": {"givenName": ["x"]}}, InvalidValue, id="list-for-a-part"),
        pytest.param({"emails": [{"value": ["a@x"]}]}, InvalidValue, id="list-in-a-list"),
        pytest.param({"emails": [["a@x"]]}, InvalidValue, id="list-for-an-object"),
        pytest.param({"title": 5}, InvalidValue, id="number-for-a-text"),
        pytest.param({"title": True}, InvalidValue, id="boolean-for-a-text"),
        pytest.param({ENTERPRISE: []}, InvalidValue, id="list-for-an-extension"),
        pytest.param({ENTERPRISE: {"department": ["x"]}}, InvalidValue, id="list-in-an-extension"),
    ],
)
def test_body_is_refused(attributes: dict[str, Any], error: type[SCIMError]) -> None:
    with pytest.raises(error):
        cleaned(**attributes)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("boolean", ["", " ", [], [True], {}, {"value": True}, 0, 1, 1.0, "yes", "0", ["true"]]),
        ("integer", ["", "5", [], [5], {}, True, 5.0, 1.5, 2**63, -(2**63) - 1]),
        ("decimal", ["", "1.5", [], [1.5], {}, False, 1e19]),
        ("string", [[], ["x"], {}, {"value": "x"}, 0, 1.5, True, False]),
        ("reference", [[], ["https://x.example"], {}, 5, True]),
        ("binary", [[], ["YQ=="], {}, 5, True, "a b!", "===", "=YQ"]),
        ("dateTime", [[], ["2026-01-31T12:00:00Z"], {}, 5, True, "2026-01-31", "now"]),
    ],
)
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_what_is_not_of_the_type_is_refused_in_resources(
    profile: Profile, kind: Any, wrong: list[Any]
) -> None:
    schema = Schema(id="urn:x", name="X", attributes=(Attribute(name="held", type=kind),))
    resource_type = ResourceType(name="X", endpoint="/X", schema=schema)

    for value in wrong:
        body = {"schemas": ["urn:x"], "held": value}
        with pytest.raises(InvalidValue, match=r"^held "):
            clean(body, resource_type, profile, context="replace")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("boolean", [True], True),
        ("boolean", ["False"], False),
        ("string", ["x"], "x"),
        ("string", [], None),
        ("string", "", None),
        ("integer", [5], 5),
        ("dateTime", "", None),
    ],
)
def test_a_patch_may_wrap_a_single_value(kind: Any, value: Any, expected: Any) -> None:
    attribute = Attribute(name="held", type=kind)

    assert clean_value(attribute, value, GENERIC, path="held") == expected
    with pytest.raises(InvalidValue):
        clean_value(attribute, [value, value], GENERIC, path="held")


@pytest.mark.parametrize("kind", ["boolean", "integer", "decimal"])
def test_empty_text_is_no_boolean_and_no_number_in_a_patch(kind: Any) -> None:
    with pytest.raises(InvalidValue):
        clean_value(Attribute(name="held", type=kind), "", GENERIC, path="held")


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
    assert cleaned(STRICT, title="")["title"] == ""
    with pytest.raises(InvalidSyntax, match="nickName"):
        cleaned(STRICT, **{f"{CORE}:nickName": "x"})


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
    assert parse(None, None, USER, GENERIC) is None


def test_projection_prefers_the_whole_to_its_parts() -> None:
    resource = {"schemas": [CORE], "id": "1", "name": {"givenName": "a", "familyName": "b"}}
    asked = parse(["name", "name.givenName"], None, USER, GENERIC)
    both = parse(["name.givenName", "name.familyName", "title.x"], None, USER, GENERIC)

    assert asked is not None
    assert both is not None
    assert project(resource, asked, USER)["name"] == resource["name"]
    assert project(resource, both, USER)["name"] == resource["name"]
    assert not asked.wants("groups")
