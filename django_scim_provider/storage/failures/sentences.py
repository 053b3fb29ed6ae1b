"""The sentence of a refusal without the values in it, and the attribute that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.schemas.definitions import ResourceType

GONE = "…"
"""Stands in the place of a value."""
MIN_LENGTH = 3
"""A shorter text tells nothing, and would be found in words."""
_QUOTED = re.compile(r"\"[^\"]*(?:\"|$)|(?<![^\W_])'[^']*(?:'(?![^\W_])|$)|“[^”]*(?:”|$)")
_FILTER = re.compile(r"\[[^\]]*(?:\]|$)")
_ADDRESS = re.compile(r"\S*@\S*")
_LONG_NUMBER = re.compile(r"\d{7,}")
_TOKEN = re.compile(r"[A-Za-z$][\w$:.\-]*")
_NAMING = {"path", "op", "schemas", "method", "bulkid"}
"""Keys whose texts name attributes and operations and not people; a filter in a path is taken out
by its brackets."""


def without_values(detail: str, body: Any) -> str:
    """Return a sentence such that nothing of it is a value of the request.

    What is quoted goes, filters and addresses go, and so does every text that the body has.
    """
    told = _QUOTED.sub(GONE, detail)
    told = _FILTER.sub(f"[{GONE}]", told)
    told = _ADDRESS.sub(GONE, told)
    told = _LONG_NUMBER.sub(GONE, told)
    for text in _texts(body):
        if len(text) >= MIN_LENGTH and text.lower() in told.lower():
            told = re.sub(re.escape(text), GONE, told, flags=re.IGNORECASE)
    return told


def attribute_of_error(error: SCIMError, resource_type: ResourceType | None) -> str:
    """Return the attribute that an error names, in SCIM's spelling; empty where it names none.

    Sentences of errors begin with it, where they are about one.
    """
    if error.attribute:
        return _FILTER.sub("", error.attribute)
    word = _TOKEN.match(_FILTER.sub("", error.detail))
    if word is None or resource_type is None:
        return ""
    return _spelled(word.group().rstrip(".:"), resource_type)


def _spelled(path: str, resource_type: ResourceType) -> str:
    """Return a path as its schema spells it; empty where no schema defines it."""
    urn, _, name = path.rpartition(":")
    names = name.split(".")
    if urn and resource_type.attribute(urn, names[0]) is None:
        # The last part of a URN may be a number, with a dot in it.
        return path if resource_type.extension(path) is not None else ""
    found = resource_type.attribute(urn or None, names[0])
    if found is None or len(names) > 2:
        return ""
    extension, attribute = found
    sub = attribute.sub_attribute(names[1]) if len(names) == 2 else None
    if len(names) == 2 and sub is None:
        return ""
    prefix = f"{extension}:" if extension else ""
    return f"{prefix}{attribute.name}" + (f".{sub.name}" if sub is not None else "")


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts that are values, and numbers as texts."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if str(name).lower() not in _NAMING:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value.strip()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
