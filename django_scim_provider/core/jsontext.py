"""JSON from clients, read strictly once at the door (RFC 8259; the limits are ours).

Every step is linear in the length of the text and leaves no second copy of what it says in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue

MAX_DEPTH = 32
MAX_OBJECTS = 100_000
# Closing brackets are not counted: in a valid text there are as many.
_NO_MARKS = bytes(set(range(256)) - set(b'":{['))


def loads(raw: bytes, *, max_depth: int = MAX_DEPTH, max_objects: int = MAX_OBJECTS) -> Any:
    """Return what a JSON text says.

    Raises:
        InvalidSyntax: it is not JSON in UTF-8, nests deeper than ``max_depth``, holds more objects
            and lists than ``max_objects``, or repeats a key.
        InvalidValue: it holds a NUL character or a number out of range.
    """
    # Counted in the bytes before anything is made of them: the memory is what an attacker is after.
    frame = outside_of_texts(raw)
    if frame.count(b"{") + frame.count(b"[") > max_objects:
        # Each takes up to forty times its length in memory.
        raise InvalidSyntax(
            f"The body holds more than {max_objects} objects and lists (MAX_BODY_OBJECTS)."
        )
    try:
        # orjson itself ends at 1,024 levels, so that no depth is a danger to the stack.
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidSyntax(
            f"The body is not valid JSON in UTF-8, or nests deeper than {max_depth} levels."
        ) from error
    keys = _count_keys(value, max_depth)
    # PostgreSQL stores no NUL in text or jsonb. Unescaped ones are not JSON, so looking for the
    # escape is enough, and the slow search runs only where there may be one.
    if b"\\u0000" in raw and _holds_nul(value):
        raise InvalidValue("The body holds a NUL character.")
    # Of two equal keys in one object, in whatever escapes, the parsed object holds one.
    if frame.count(b":") != keys:
        raise InvalidSyntax("The body repeats a key within one object.")
    return value


def outside_of_texts(raw: bytes) -> bytes:
    """Return the colons and opening brackets of a valid JSON text that are in none of its strings.

    Whether a character is in a string follows from the number of quotes before it, so that what is
    neither looked for nor a quote may go, and two quotes beside each other as well.
    """
    if b"\\" in raw:
        # Escaped backslashes first: what is left before a quote then escapes it.
        raw = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    marks = raw.translate(None, _NO_MARKS).replace(b'""', b"")
    return b"".join(marks.split(b'"')[::2])


def _count_keys(value: Any, max_depth: int) -> int:
    """Return how many keys all objects hold, going down level by level.

    Raises:
        InvalidSyntax: there are more levels than ``max_depth``.
    """
    # Level by level instead of recursively: the depth is the client's, the stack is ours.
    keys = depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        if depth > max_depth:
            raise InvalidSyntax(f"The body nests deeper than {max_depth} levels.")
        below: list[Any] = []
        for holder in level:
            items: Iterable[Any] = holder
            if holder.__class__ is dict:
                keys += len(holder)
                items = holder.values()
            for item in items:
                # As the class itself: this is asked of each value of a body.
                if item.__class__ is dict or item.__class__ is list:
                    below.append(item)
        level = below
    return keys


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))
