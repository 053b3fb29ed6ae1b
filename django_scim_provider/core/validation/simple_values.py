"""Simple values: texts, booleans, numbers, dates and binary (RFC 7643 sections 2.3.1 to 2.3.7)."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold_date
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute
from django_scim_provider.core.validation.left_out import LeftOut
from django_scim_provider.core.validation.lengths import refuse_long
from django_scim_provider.core.validation.places import NEVER_TEXT

Cleaner = Callable[[Any, str, LeftOut], Any]
"""Takes a value, the attribute's path for messages, and where to note what no schema knows; returns
the canonical value or None."""
Check = Callable[[Any, str], Any]
"""Takes a simple value and the attribute's path; returns the canonical value."""
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


def refuse(path: str, expected: str, value: Any) -> None:
    """Refuse a value for its kind.

    Raises:
        InvalidValue: always.
    """
    raise InvalidValue(f"{path} must be {expected}, not {_kind(value)}.")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "null" if value is None else "a list" if isinstance(value, list) else "an object"


def simple_cleaner(attribute: Attribute, profile: Profile) -> Cleaner:
    """Return what cleans one simple value of the attribute."""
    check = _CHECKS.get(attribute.type, _text_check)(attribute, profile)
    empties = profile.empty_string_unassigns and attribute.type not in NEVER_TEXT
    most = sys.maxsize if attribute.max_length is None else attribute.max_length
    if attribute.type in _CHECKS:
        most = -1  # no text is as short: it has to pass the check of the type

    def clean(value: Any, path: str, left_out: LeftOut) -> Any:
        # What nearly all texts are, in one step: nothing of it could be refused.
        if (
            value.__class__ is str
            and len(value) <= most
            and value.isascii()
            and value.isprintable()
            and not value.isspace()
            and value
        ):
            return value
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
            refuse(path, "text", value)
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
            refuse(path, "a whole number" if whole else "a number", value)
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
