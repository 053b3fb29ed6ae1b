"""PATCH requests that ask for much with few words."""

from __future__ import annotations

from itertools import count
from typing import Any

import orjson

from benchmarks.sessions import PATCH, Request, Session, filled, patch

VALUES = 1000
"""What a multi-valued attribute holds at most by default."""


def emails(number: int) -> list[dict[str, Any]]:
    """Return e-mail addresses."""
    return [{"value": f"{n}@x.example", "type": "work"} for n in range(number)]


def patch_adds_emails(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES // 2))
    head = b'{"schemas":["%s"],"Operations":[{"op":"add","path":"emails","value":[' % PATCH.encode()
    parts = (b'{"value":"%d@y.example","primary":true}' % number for number in count())
    return Request("PATCH", path, filled(size, head, parts, b"]}]}"))


def patch_of_many_operations(session: Session, size: int) -> Request:
    path = session.user()
    return patch(path, size, ({"op": "add", "path": "title", "value": str(n)} for n in count()))


def patch_of_long_operations(session: Session, size: int) -> Request:
    """The most operations that are allowed, as long as the body lets them be."""
    text = "x" * max(size // VALUES - 60, 1)
    operations = ({"op": "add", "path": "title", "value": f"{text}{n}"} for n in range(VALUES))
    return patch(session.user(), size, operations)


def patch_of_value_paths(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES))
    selects = (f'emails[value eq "{n}@z"].type' for n in range(VALUES))
    return patch(path, size, ({"op": "remove", "path": each} for each in selects))


def patch_of_long_value_paths(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES))
    terms = " or ".join(['value co "z"'] * 60)
    selects = (f'emails[{terms} or value eq "{n}"].type' for n in range(VALUES))
    return patch(path, size, ({"op": "remove", "path": each} for each in selects))


def patch_of_keys_with_value_paths(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES // 2))
    head = b'{"schemas":["%s"],"Operations":[{"op":"replace","value":{' % PATCH.encode()
    keys = (orjson.dumps(f'emails[value eq "{n}"].type') + b':"x"' for n in count())
    return Request("PATCH", path, filled(size, head, keys, b"}}]}"))


def patch_of_every_value(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES))
    changes = ({"op": "replace", "path": "emails.type", "value": f"t{n}"} for n in range(VALUES))
    return patch(path, size, changes)
