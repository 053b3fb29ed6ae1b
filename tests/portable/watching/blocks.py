"""The transactions that are open on a connection, and whose they are."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(slots=True, eq=False)
class Block:
    """A transaction, or a savepoint, that is open on a connection."""

    is_ours: bool
    refused: str = ""
    """Who asked for what a constraint refused in it; the database would have ended it there."""


_open: WeakKeyDictionary[BaseDatabaseWrapper, list[Block]] = WeakKeyDictionary()
_lock = threading.Lock()


def blocks_of(connection: Any) -> list[Block]:
    """Return them, the outermost first."""
    with _lock:
        return _open.setdefault(connection, [])


def outermost_of_ours(connection: Any) -> Block | None:
    """Return the first open transaction of the app, without those of tests and hosts."""
    return next((block for block in blocks_of(connection) if block.is_ours), None)
