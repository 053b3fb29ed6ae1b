"""What an error of a database means to whoever ran the statement."""

from __future__ import annotations

from enum import Enum


class Overtaken(Exception):
    """Somebody else has written a row since the transaction read it; it has to begin again.

    It is for databases without row locks; nothing is wrong with any statement.
    """


class Cause(Enum):
    """Why a statement failed."""

    CONFLICT = "conflict"
    """A deadlock or a serialization failure.

    Nothing of the transaction is left, and the same one may succeed when it is run again."""
    OUTAGE = "outage"
    """The database is away, read-only, full or shutting down, or a lock is held for too long.

    Nothing is wrong with the statement, and to wait once more helps nobody."""
    FAULT = "fault"
    """Anything else: of the app, or of the project."""
