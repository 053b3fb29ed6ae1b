"""Values against their attribute definitions (RFC 7643 sections 2.3 to 2.5), compiled."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold_date
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, Resource
from django_scim_provider.core.validation.left_out import LeftOut
from django_scim_provider.core.validation.lengths import refuse_long
from django_scim_provider.core.validation.places import NEVER_TEXT, twice

Cleaner = Callable[[Any, str, LeftOut], Any]
"""Takes a value, the attribute's path for messages, and where to note what no schema knows; returns
the canonical value or None."""
Check = Callable[[Any, str], Any]
"""Takes a simple value and the attribute's path; returns the canonical value."""
Fields = dict[str, tuple[str, Cleaner | None]]
"""By a name as schemas spell it and in lower case: the former, and what cleans its value. None
stands for readOnly."""

MAX_SHOWN = 60
# Both alphabets of RFC 4648, and blanks: certificates come in lines, as in PEM files.
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]*(?:=\s*){0,2}", re.ASCII)
# What the databases store; RFC 7643 section 2.3.4 sets no bound.
_MAX_INTEGER = 2**63


def quoted(value: Any) -> str:
    """Return a value for a message: short, escaped, never a secret's whole length."""
    if isinstance(value, list | dict):
        return _kind(value)
    # Cut before it is escaped: a text may be a mebibyte. ASCII, so that a log shows what it is.
    return ascii(value[:MAX_SHOWN] if isinstance(value, str) else value)[:MAX_SHOWN]


@cache
def value_cleaner(attribute: Attribute, profile: Profile, *, in_patch: bool) -> Cleaner:
    """Return what cleans a whole value of the attribute: a list where it is multi-valued.

    ``in_patch`` tells the value of a PATCH, in which vendors wrap single values, from a resource.
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
        inner = _simple_cleaner(attribute, profile)
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
                return None if not value else _refuse(path, "a single value", value)
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


def _refuse(path: str, expected: str, value: Any) -> None:
    raise InvalidValue(f"{path} must be {expected}, not {_kind(value)}.")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "null" if value is None else "a list" if isinstance(value, list) else "an object"


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
                _refuse(path, "a list", value)
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
            _refuse(path, "an object", value)
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


def _simple_cleaner(attribute: Attribute, profile: Profile) -> Cleaner:
    check = _CHECKS.get(attribute.type, _text_check)(attribute, profile)
    empties = profile.empty_string_unassigns and attribute.type not in NEVER_TEXT

    def clean(value: Any, path: str, left_out: LeftOut) -> Any:
        # A number or a boolean has no text that could be empty: ``""`` there is a mistake.
        if value is None or (value == "" and empties):
            return None
        return check(value, path)

    return clean


def _text_check(attribute: Attribute, profile: Profile) -> Check:
    limit, printable, required = attribute.max_length, attribute.printable, attribute.required
    is_folded = attribute.type == "string" and not attribute.case_exact

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            _refuse(path, "text", value)
        if limit is not None:
            refuse_long(value, limit, path, is_folded=is_folded)
        # PostgreSQL cannot store it. Bodies are checked as they come; values also come from the
        # project.
        if "\x00" in value:
            raise InvalidValue(f"{path} holds a NUL character.")
        # Two names that look the same would be two people. ``isprintable`` is the quick answer for
        # nearly all; it refuses odd blanks as well, which is not meant.
        if printable and not value.isprintable() and _has_control(value):
            raise InvalidValue(f"{path} holds control or invisible characters.")
        if required and not value.strip():
            raise InvalidValue(f"{path} must not be empty.")
        return str(value)

    return check


def _has_control(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)


def _boolean_check(attribute: Attribute, profile: Profile) -> Check:
    def check(value: Any, path: str) -> bool:
        if isinstance(value, bool):
            return value
        # Entra ID without its flag sends "True" and "False" (Microsoft Learn,
        # application-provisioning-config-problem-scim-compatibility). Nothing else is guessed:
        # "yes" and 1 stay errors.
        if profile.booleans_as_text and isinstance(value, str):
            lowered = value.strip().lower()
            if lowered in ("true", "false"):
                return lowered == "true"
        raise InvalidValue(f"{path} must be true or false, not {quoted(value)}.")

    return check


def _number_check(attribute: Attribute, profile: Profile) -> Check:
    whole = attribute.type == "integer"

    def check(value: Any, path: str) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            _refuse(path, "a whole number" if whole else "a number", value)
        # JSON has no NaN, but a store or an adapter of the project's may hand one over.
        if not math.isfinite(value) or abs(value) >= _MAX_INTEGER:
            raise InvalidValue(f"{path} is out of range.")
        number: int | float = value
        return number

    return check


def _date(value: Any, path: str) -> str:
    if not isinstance(value, str) or fold_date(value) is None:
        raise InvalidValue(f"{path} must be a dateTime such as 2026-01-31T12:00:00Z.")
    return value


def _binary(value: Any, path: str) -> str:
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        raise InvalidValue(f"{path} must be text in base64.")
    return value


_CHECKS: dict[str, Callable[[Attribute, Profile], Check]] = {
    "boolean": _boolean_check,
    "integer": _number_check,
    "decimal": _number_check,
    "dateTime": lambda attribute, profile: _date,
    "binary": lambda attribute, profile: _binary,
}
