"""Names of attributes mean the same in paths, filters, projections and sorting."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC, PROFILES, STRICT, Profile
from django_scim_provider.core.projection import parse
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import (
    Attribute,
    ResourceType,
    Schema,
    SchemaExtension,
)

CORE = USER.schema.id
ENTERPRISE = USER.extensions[0].schema.id
STAFF = Schema(
    id="urn:example:Staff",
    name="Staff",
    attributes=(
        Attribute(name="department"),
        Attribute(name="title"),
        Attribute(name="tags", multi_valued=True),
        Attribute(name="floors", multi_valued=True, type="integer"),
    ),
)
TWICE = ResourceType(
    name="User",
    endpoint="/Users",
    schema=USER.schema,
    extensions=(*USER.extensions, SchemaExtension(schema=STAFF)),
)
"""Users with two extensions, which both have a department."""


def meant(name: str, resource_type: ResourceType = USER, profile: Profile = GENERIC) -> str | None:
    path = parse_attribute_path(name)
    assert path is not None
    target = resolve(path, resource_type, profile)
    return None if target is None else str(target)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("department", f"{ENTERPRISE}:department"),
        ("DEPARTMENT", f"{ENTERPRISE}:department"),
        ("manager.value", f"{ENTERPRISE}:manager.value"),
        ("manager.salary", None),
        ("shoeSize", None),
        ("title", "title"),
        (f"{CORE}:title", "title"),
        (f"{ENTERPRISE}:title", None),
        (f"{CORE}:department", None),
        ("meta.created", "meta.created"),
    ],
)
def test_name_means(name: str, expected: str | None) -> None:
    assert meant(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("manager", f"{ENTERPRISE}:manager"),
        ("title", "title"),  # the core attribute, although an extension has one of the name
        ("tags", f"{STAFF.id}:tags"),
        ("tags.value", f"{STAFF.id}:tags"),
        ("tags.type", None),
    ],
)
def test_name_means_with_two_extensions(name: str, expected: str | None) -> None:
    assert meant(name, TWICE) == expected


def use_as_path(name: str, resource_type: ResourceType, profile: Profile) -> Any:
    resource: dict[str, Any] = {"schemas": [CORE], "userName": "ann"}
    operation = PatchOperation(op="replace", path=name, value="x")
    return apply_patch(resource, [operation], resource_type, profile)


def use_in_filter(name: str, resource_type: ResourceType, profile: Profile) -> Any:
    return bind_text(f'not ({name} eq "x")', resource_type, profile)


def use_in_attributes(name: str, resource_type: ResourceType, profile: Profile) -> Any:
    return parse([name], None, resource_type, profile)


def use_in_excluded_attributes(name: str, resource_type: ResourceType, profile: Profile) -> Any:
    return parse(None, [name], resource_type, profile)


USES = [use_as_path, use_in_filter, use_in_attributes, use_in_excluded_attributes]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_name_of_two_extensions_is_refused_with_both(profile: Profile, use: Any) -> None:
    with pytest.raises((InvalidPath, InvalidFilter)) as refused:
        use("Department", TWICE, profile)

    assert f"{ENTERPRISE}:Department or {STAFF.id}:Department" in refused.value.detail


@pytest.mark.parametrize("use", USES)
def test_strict_profile_says_which_urn_is_missing(use: Any) -> None:
    with pytest.raises((InvalidPath, InvalidFilter)) as refused:
        use("manager.value", USER, STRICT)

    assert f"'manager' is an attribute of an extension: name it {ENTERPRISE}:manager" in (
        refused.value.detail
    )
    use(f"{ENTERPRISE}:manager.value", USER, STRICT)


@pytest.mark.parametrize("use", USES)
def test_bare_name_is_taken_for_the_qualified_one(use: Any) -> None:
    for name in ("manager.value", "department"):
        assert use(name, USER, GENERIC) == use(f"{ENTERPRISE}:{name}", USER, GENERIC)


@pytest.mark.parametrize("name", ["manager", "manager.value"])
def test_path_may_leave_the_urn_of_an_extension_out(name: str) -> None:
    assert use_as_path(name, USER, GENERIC)[ENTERPRISE] == {"manager": {"value": "x"}}
