"""References in the data of bulk requests: ``bulkId:<id>`` (RFC 7644 section 3.7.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

# An id ends where a path, a quoted text or a filter goes on; the RFC gives bulkIds no alphabet.
REFERENCE = re.compile(r"bulkId:([^\s\"'\]\[/]+)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
DROPPED = object()
_OF_MEMBERS = ("value", "members")
"""The ends of keys whose values are ids."""


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts of data that may hold references."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            # A key may be a path with a filter. Nearly none is, and all keys of all bodies come by.
            if '"bulkId:' in key:
                yield key
            yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)


def references(value: Any) -> Iterable[str]:
    """Yield the bulkIds in data: whole texts, and texts in quotes as filters of PATCH have them."""
    for text in _strings(value):
        # Not anywhere in a text: a person's title may say "bulkId:" and means nothing by it.
        if text.startswith("bulkId:") or '"bulkId:' in text:
            yield from REFERENCE.findall(text)


def named_values(data: Any) -> Iterator[str]:
    """Yield the texts of data that may be ids of members.

    They are each ``value``, and texts in quotes, as filters of PATCH have them.
    """
    if isinstance(data, dict):
        for key, held in data.items():
            name = key.lower()
            # Keys may be paths (``members[value eq "1"]``), and members plain texts.
            path = held if name == "path" and isinstance(held, str) else key
            if '"' in path:
                yield from filter(None, map(_unquoted, _QUOTED.findall(path)))
            if name.endswith(_OF_MEMBERS):
                yield from (each for each in _as_list(held) if isinstance(each, str))
            yield from named_values(held)
    elif isinstance(data, list):
        for held in data:
            yield from named_values(held)


def _unquoted(text: str) -> str | None:
    """Return the text that JSON has in quotes; None where that is none."""
    try:
        return str(orjson.loads(text))
    except orjson.JSONDecodeError:
        return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def substituted(value: Any, id_of: Callable[[re.Match[str]], str]) -> Any:
    """Return data with what ``id_of`` says in place of each reference."""
    if isinstance(value, str):
        if value.startswith("bulkId:"):
            return REFERENCE.sub(id_of, value)
        # A text in quotes is one of a filter, where JSON's escapes hold (RFC 7644 section 3.4.2.2).
        quoted = '"bulkId:' in value
        return REFERENCE.sub(lambda found: _escaped(id_of(found)), value) if quoted else value
    if isinstance(value, dict):
        return {
            substituted(key, id_of) if '"bulkId:' in key else key: substituted(held, id_of)
            for key, held in value.items()
        }
    if isinstance(value, list):
        return [substituted(held, id_of) for held in value]
    return value


def _escaped(id: str) -> str:
    return orjson.dumps(id).decode()[1:-1]


def without(value: Any, names: set[str]) -> Any:
    """Return a value without the texts that refer to these bulkIds, and the objects of such.

    ``DROPPED``: nothing of it is left.
    """
    if isinstance(value, str):
        return DROPPED if names & set(references(value)) else value
    if isinstance(value, dict):
        kept = {
            key: without(held, names)
            for key, held in value.items()
            if without(key, names) is not DROPPED
        }
        # A member without its value would name nobody, so the whole object goes.
        if kept.get("value") is DROPPED:
            return DROPPED
        return {key: held for key, held in kept.items() if held is not DROPPED}
    if isinstance(value, list):
        return [kept for held in value if (kept := without(held, names)) is not DROPPED]
    return value
