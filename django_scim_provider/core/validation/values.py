"""Values against their attribute definitions (RFC 7643 sections 2.3 to 2.5), compiled."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, Resource
from django_scim_provider.core.validation.left_out import LeftOut
from django_scim_provider.core.validation.places import twice
from django_scim_provider.core.validation.simple_values import Cleaner, refuse, simple_cleaner

Fields = dict[str, tuple[str, Cleaner | None]]
"""By a name as schemas spell it and in lower case: the former, and what cleans its value. None
stands for readOnly."""


@cache
def value_cleaner(attribute: Attribute, profile: Profile, *, in_patch: bool) -> Cleaner:
    """Return what cleans a whole value of the attribute: a list where it is multi-valued.

    ``in_patch`` tells the value of a PATCH, in which some wrap single values, from a resource.
    """
    if attribute.multi_valued:
        return _list_cleaner(attribute, profile, in_patch=in_patch)
    return element_cleaner(attribute, profile, in_patch=in_patch)


@cache
def element_cleaner(attribute: Attribute, profile: Profile, *, in_patch: bool) -> Cleaner:
    """Return what cleans one value of the attribute."""
    if attribute.type == "complex":
        inner = _complex_cleaner(attribute, profile, in_patch=in_patch)
    else:
        inner = simple_cleaner(attribute, profile)
        if attribute.multi_valued and profile.complex_for_simple:
            inner = _taken_out_of_objects(inner)
    # Entra ID wraps single values in PATCH (better-auth's recorded requests). In resources only
    # objects are unwrapped, as older Azure AD sent its manager: a list of texts there is a mistake.
    is_wrapped = profile.unwrap_single_values and (in_patch or attribute.type == "complex")
    if attribute.multi_valued or not is_wrapped:
        return inner

    def unwrapping(value: Any, path: str, left_out: LeftOut) -> Any:
        if isinstance(value, list):
            if len(value) != 1:
                return None if not value else refuse(path, "a single value", value)
            value = value[0]
        return inner(value, path, left_out)

    return unwrapping


def _taken_out_of_objects(inner: Cleaner) -> Cleaner:
    """Return a cleaner that takes ``{"value": "x"}`` for ``"x"``."""
    fields: Fields = {"value": ("value", inner)}

    def clean(value: Any, path: str, left_out: LeftOut) -> Any:
        if isinstance(value, dict):
            return clean_object(fields, value, f"{path}.", left_out).get("value")
        return inner(value, path, left_out)

    return clean


def _list_cleaner(attribute: Attribute, profile: Profile, *, in_patch: bool) -> Cleaner:
    element = element_cleaner(attribute, profile, in_patch=in_patch)
    has_primary = attribute.sub_attribute("primary") is not None
    objects = attribute.type == "complex" or profile.complex_for_simple
    # In a PATCH alone, whose ``add`` takes a single value by the RFC: in a resource, a text for a
    # list is a mistake.
    texts = in_patch and (attribute.type != "complex" or profile.simple_for_complex)

    def clean(value: Any, path: str, left_out: LeftOut) -> Any:
        # RFC 7643 section 2.5 for null. ``""`` is what Entra ID clears attributes with, and Okta's
        # PUT sends for a middle name that is not there (Okta SCIM 2.0 protocol reference).
        if value is None or (value == "" and profile.empty_string_unassigns):
            return None
        if not isinstance(value, list):
            alone = objects if isinstance(value, dict) else texts
            if not (alone and profile.single_object_for_list):
                refuse(path, "a list", value)
            value = [value]
        parts = (element(item, path, left_out) for item in value)
        cleaned = [part for part in parts if part is not None]
        if has_primary and len(cleaned) > 1:
            _keep_one_primary(cleaned, profile, path)
        return cleaned or None

    return clean


def _keep_one_primary(elements: list[Resource], profile: Profile, path: str) -> None:
    """Leave one primary value: the first, where the profile takes several."""
    primary = [element for element in elements if element.get("primary") is True]
    if len(primary) > 1 and not profile.several_primaries:
        raise InvalidValue(f"{path} may have only one primary value.")
    for element in primary[1:]:
        element["primary"] = False


def _complex_cleaner(attribute: Attribute, profile: Profile, *, in_patch: bool) -> Cleaner:
    subs = fields_of(attribute.sub_attributes, profile, in_patch=in_patch)
    # Entra ID sends its manager as a plain id, in POST as well (SCIMServer,
    # MANAGER_PATCH_STRING_COERCION).
    stands_for_value = profile.simple_for_complex and "value" in subs
    # A directory whose ids are numbers sends them as such. Not in a list, which is of objects.
    reads_numbers = not attribute.multi_valued and _is_text(attribute.sub_attribute("value"))

    def clean(value: Any, path: str, left_out: LeftOut) -> Any:
        if value is None or (value == "" and profile.empty_string_unassigns):
            return None
        if stands_for_value and isinstance(value, str | int | float):
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            value = {"value": str(value) if reads_numbers and is_whole else value}
        if not isinstance(value, dict):
            refuse(path, "an object", value)
        return clean_object(subs, value, f"{path}.", left_out) or None

    return clean


def _is_text(attribute: Attribute | None) -> bool:
    return attribute is not None and attribute.type == "string"


def fields_of(attributes: Iterable[Attribute], profile: Profile, *, in_patch: bool) -> Fields:
    """Return the fields of an object with these attributes."""
    fields: Fields = {}
    for attribute in attributes:
        cleaner = None
        if attribute.mutability != "readOnly":
            cleaner = value_cleaner(attribute, profile, in_patch=in_patch)
        fields[attribute.name] = fields[attribute.name.lower()] = attribute.name, cleaner
    return fields


def clean_object(fields: Fields, sent: Resource, prefix: str, left_out: LeftOut) -> Resource:
    """Return what an object holds for these fields; ``prefix`` goes before the names in messages.

    Raises:
        InvalidSyntax: a field is given twice, in different case; or no schema knows it, and the
            profile refuses that.
    """
    cleaned: Resource = {}
    respelled: dict[str, str] = {}
    for key, value in sent.items():
        # As the schema spells it first: lower-casing every key of every body takes longer than
        # finding it.
        found = fields.get(key) or fields.get(key.lower())
        if found is None:
            left_out.note(prefix, key, value)
            continue
        name, cleaner = found
        path = prefix + name
        if key != name:
            other = name if name in sent else respelled.setdefault(name, key)
            if other != key:
                raise twice(path, other, key)
        if cleaner is None or value is None:
            continue
        part = cleaner(value, path, left_out)
        if part is not None:
            cleaned[name] = part
    return cleaned
