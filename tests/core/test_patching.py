"""PATCH operation by operation (RFC 7644 section 3.5.2)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from django_scim_provider.core.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    SCIMError,
)
from django_scim_provider.core.messages import parse_patch_request
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC, PROFILES, STRICT, Profile
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource

PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

BASE: Resource = {
    "schemas": [CORE, ENTERPRISE],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "userName": "bjensen",
    "title": "Guide",
    "name": {"givenName": "Barbara", "familyName": "Jensen"},
    "emails": [
        {"value": "b@work.example", "type": "work", "primary": True},
        {"value": "b@home.example", "type": "home"},
    ],
    ENTERPRISE: {
        "department": "Tours",
        "manager": {"value": "m1", "$ref": "https://x.example/Users/m1"},
    },
}


def patched(*operations: dict[str, Any], profile: Profile = GENERIC) -> Resource:
    body = {"schemas": [PATCH_URN], "Operations": list(operations)}
    parsed = parse_patch_request(body, profile)
    return apply_patch(copy.deepcopy(BASE), parsed, USER, profile)


def op(name: str, path: str | None = None, *value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"op": name}
    if path is not None:
        made["path"] = path
    if value:
        made["value"] = value[0]
    return made


@pytest.mark.parametrize(
    ("operation", "name", "expected"),
    [
        pytest.param(op("add", "nickName", "Babs"), "nickName", "Babs", id="add-simple"),
        pytest.param(op("add", "title", "Boss"), "title", "Boss", id="add-replaces-singular"),
        pytest.param(op("replace", "TITLE", "Boss"), "title", "Boss", id="name-in-any-case"),
        pytest.param(op("replace", f"{CORE}:title", "Boss"), "title", "Boss", id="qualified"),
        pytest.param(op("remove", "title"), "title", None, id="remove-simple"),
        pytest.param(op("remove", "nickName"), "nickName", None, id="remove-unassigned"),
        pytest.param(op("replace", "title", None), "title", None, id="null-unassigns"),
        pytest.param(op("replace", "title", ""), "title", None, id="empty-text-unassigns"),
        pytest.param(op("replace", "active", "False"), "active", False, id="boolean-as-text"),
        pytest.param(op("replace", "title", ["Boss"]), "title", "Boss", id="list-of-one"),
        pytest.param(
            op("replace", "name", {"familyName": "New"}),
            "name",
            {"givenName": "Barbara", "familyName": "New"},
            id="complex-merges",
        ),
        pytest.param(
            op("remove", "name.givenName"), "name", {"familyName": "Jensen"}, id="remove-sub"
        ),
        pytest.param(
            op("add", "name.honorificPrefix", "Dr."),
            "name",
            {**BASE["name"], "honorificPrefix": "Dr."},
            id="add-sub",
        ),
        pytest.param(op("remove", "name"), "name", None, id="remove-complex"),
        pytest.param(
            op("remove", 'emails[type eq "work"]'), "emails", [BASE["emails"][1]], id="remove-one"
        ),
        pytest.param(
            op("remove", 'emails[type eq "none"]'), "emails", BASE["emails"], id="remove-no-match"
        ),
        pytest.param(op("remove", "emails"), "emails", None, id="remove-all-values"),
        pytest.param(
            op("remove", "emails", [{"value": "B@HOME.example"}]),
            "emails",
            [BASE["emails"][0]],
            id="remove-listed-values",
        ),
        pytest.param(
            op("add", "emails", {"value": "n@x.example"}),
            "emails",
            [*BASE["emails"], {"value": "n@x.example"}],
            id="add-one-object",
        ),
        pytest.param(
            op("add", "emails", [BASE["emails"][1]]), "emails", BASE["emails"], id="add-again"
        ),
        pytest.param(
            op("replace", "emails", [{"value": "n@x.example"}]),
            "emails",
            [{"value": "n@x.example"}],
            id="replace-all-values",
        ),
        pytest.param(
            op("replace", 'emails[type eq "HOME"].value', "new@home.example"),
            "emails",
            [BASE["emails"][0], {"value": "new@home.example", "type": "home"}],
            id="replace-in-match",
        ),
        pytest.param(
            op("replace", 'emails[type eq "home"]', {"value": "z@x.example"}),
            "emails",
            [BASE["emails"][0], {"value": "z@x.example"}],
            id="replace-whole-match",
        ),
        pytest.param(
            op("add", 'phoneNumbers[type eq "mobile"].value', "555"),
            "phoneNumbers",
            [{"type": "mobile", "value": "555"}],
            id="missing-value-is-made",
        ),
        pytest.param(
            op("replace", 'emails[type eq "home"].primary', True),
            "emails",
            [
                {"value": "b@work.example", "type": "work", "primary": False},
                {"value": "b@home.example", "type": "home", "primary": True},
            ],
            id="primary-moves",
        ),
        pytest.param(
            op("replace", f"{ENTERPRISE}:manager", "m2"),
            ENTERPRISE,
            {"department": "Tours", "manager": {"value": "m2"}},
            id="manager-as-text-loses-old-reference",
        ),
        pytest.param(
            op("replace", f"{ENTERPRISE}:manager", ""),
            ENTERPRISE,
            {"department": "Tours"},
            id="manager-cleared-by-empty-text",
        ),
        pytest.param(op("remove", ENTERPRISE), ENTERPRISE, None, id="remove-extension"),
        pytest.param(
            op("add", ENTERPRISE, {"division": "D"}),
            ENTERPRISE,
            {**BASE[ENTERPRISE], "division": "D"},
            id="extension-merges",
        ),
        pytest.param(
            op("replace", None, {"name.familyName": "New", f"{CORE}:title": "Boss"}),
            "name",
            {"givenName": "Barbara", "familyName": "New"},
            id="dotted-keys",
        ),
        pytest.param(
            op("replace", None, {"id": BASE["id"], "title": "Boss"}), "title", "Boss", id="own-id"
        ),
        pytest.param(op("Replace", "title", "Boss"), "title", "Boss", id="capitalised-op"),
    ],
)
def test_operation_gives(operation: dict[str, Any], name: str, expected: Any) -> None:
    assert patched(operation).get(name) == expected


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        pytest.param(op("remove"), NoTarget, id="remove-without-path"),
        pytest.param(op("replace", "id", "x"), Mutability, id="read-only"),
        pytest.param(op("replace", "meta.created", "x"), Mutability, id="read-only-sub"),
        pytest.param(op("add", "groups", []), Mutability, id="groups"),
        pytest.param(op("replace", None, {"id": "other"}), Mutability, id="other-id"),
        pytest.param(op("replace", "colour", "x"), InvalidPath, id="unknown"),
        pytest.param(op("replace", "name.colour", "x"), InvalidPath, id="unknown-sub"),
        pytest.param(op("replace", "emails[type eq", "x"), InvalidPath, id="broken-filter"),
        pytest.param(op("replace", "emails[colour eq 1]", "x"), InvalidPath, id="filter-unknown"),
        pytest.param(op("replace", 'title[value eq "x"]', "x"), InvalidPath, id="filter-simple"),
        pytest.param(op("replace", "userName", None), InvalidValue, id="required-null"),
        pytest.param(op("remove", "userName"), Mutability, id="required-removed"),
        pytest.param(op("replace", "userName", ""), InvalidValue, id="required-empty"),
        pytest.param(op("replace", "title", 5), InvalidValue, id="wrong-type"),
        pytest.param(op("add", "emails", [5]), InvalidValue, id="wrong-element"),
        pytest.param(op("replace", "title"), InvalidValue, id="no-value"),
        pytest.param(op("add", None, "text"), InvalidValue, id="pathless-text"),
        pytest.param(
            op("replace", 'emails[type ne "x" or type pr].zzz', 1), InvalidPath, id="filter-sub"
        ),
        pytest.param(
            op("replace", 'ims[type ne "x"].value', "v"), NoTarget, id="made-only-from-eq-terms"
        ),
        pytest.param(op("move", "title", "x"), InvalidSyntax, id="unknown-op"),
    ],
)
def test_operation_is_refused(operation: dict[str, Any], error: type[SCIMError]) -> None:
    with pytest.raises(error):
        patched(operation)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(op("Replace", "title", "x"), id="capital"),
        pytest.param({"path": "title", "value": "x"}, id="no-op"),
        pytest.param(op("replace", "active", "False"), id="boolean-as-text"),
        pytest.param(op("replace", None, {"name.givenName": "x"}), id="dotted-key"),
        pytest.param(op("add", 'ims[type eq "x"].value', "v"), id="missing-value"),
        pytest.param(op("replace", f"{ENTERPRISE}:manager", "m"), id="text-for-complex"),
        pytest.param(op("replace", "title", ["x"]), id="list-of-one"),
        pytest.param(op("replace", None, {"id": BASE["id"]}), id="echo"),
    ],
)
def test_strict_profile_refuses_what_only_vendors_send(operation: dict[str, Any]) -> None:
    with pytest.raises(SCIMError):
        patched(operation, profile=STRICT)


def test_missing_op_means_replace_for_entra() -> None:
    result = patched({"path": "title", "value": "Boss"}, profile=PROFILES["entra"])

    assert result["title"] == "Boss"


def test_new_extension_data_brings_its_urn_into_schemas() -> None:
    resource = {"schemas": [CORE], "userName": "x"}
    body = {
        "schemas": [PATCH_URN],
        "Operations": [op("add", f"{ENTERPRISE}:employeeNumber", "7")],
    }

    result = apply_patch(resource, parse_patch_request(body, GENERIC), USER, GENERIC)

    assert result["schemas"] == [CORE, ENTERPRISE]


def test_operations_see_what_earlier_ones_did() -> None:
    result = patched(
        op("add", 'ims[type eq "xmpp"].value', "a"),
        op("add", 'ims[type eq "xmpp"].display', "A"),
    )

    assert result["ims"] == [{"type": "xmpp", "value": "a", "display": "A"}]


def test_added_primary_takes_it_from_the_others() -> None:
    result = patched(op("add", "emails", [{"value": "n@x.example", "primary": True}]))

    assert [email.get("primary") for email in result["emails"]] == [False, None, True]


def test_made_value_does_not_take_primary() -> None:
    result = patched(op("add", 'emails[type eq "other"].value', "o@x.example"))

    assert [email.get("primary") for email in result["emails"]] == [True, None, None]
