"""JSON from clients, read strictly once at the door (RFC 8259; the limits are ours)."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue

MAX_DEPTH = 32
_OPENING = re.compile(rb"[{\[]")
_NESTED = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)


def loads(raw: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return what a JSON text says.

    Raises:
        InvalidSyntax: it is no JSON in UTF-8, nests deeper than ``max_depth``, or repeats a key.
        InvalidValue: it holds a NUL character or a number out of range.
    """
    if len(_OPENING.findall(raw)) > max_depth:
        _check_depth(raw, max_depth)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidSyntax("The body is not valid JSON in UTF-8.") from error
    if b"\\u0000" in raw and _holds_nul(value):
        raise InvalidValue("The body holds a NUL character.")
    if raw.count(b":") != _count_keys(value):
        _check_keys(raw)
    return value


def _check_depth(raw: bytes, max_depth: int) -> None:
    """Count the nesting without recursion; brackets in texts do not count."""
    depth = 0
    for found in _NESTED.finditer(raw):
        mark = found.group()
        if mark in (b"{", b"["):
            depth += 1
            if depth > max_depth:
                raise InvalidSyntax(f"The body nests deeper than {max_depth} levels.")
        elif mark in (b"}", b"]"):
            depth -= 1


def _count_keys(value: Any) -> int:
    """Return how many keys all objects hold; more colons than that may be a repeated key."""
    if isinstance(value, dict):
        return len(value) + sum(map(_count_keys, value.values()))
    if isinstance(value, list):
        return sum(map(_count_keys, value))
    return 0


def _check_keys(raw: bytes) -> None:
    """Read again with the standard parser, which shows repeated keys; rare, since it is slow."""

    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise InvalidSyntax("The body repeats a key within one object.")
        return made

    json.loads(raw, object_pairs_hook=distinct)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))
