"""Cursors of psycopg 3 that wait until their statement is sent again.

For each new cursor the driver finds out how parameters are written and columns are read; a cursor
that sends the same text again still knows, and Django makes two others less. One that is read is
nobody else's: it is taken out, and another is made for the same statement meanwhile, be it in
another thread. What waits holds neither rows nor parameters.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

MOST_IDLE = 100
"""How many wait on a connection; psycopg keeps as many statements prepared, unless it is told
otherwise."""


class IdleCursors:
    """Those of one session: of a connection of the driver, as long as Django's has that one."""

    __slots__ = ("_waiting", "driver", "session", "timezone")

    def __init__(self, driver: Any, timezone: Any, session: Any) -> None:
        self.driver = driver
        self.timezone = timezone
        """In which it reads moments: Django tells each cursor, where the driver has another."""
        self.session = session
        """What is known of it, by which a cursor is found with one look."""
        self._waiting: OrderedDict[str, Any] = OrderedDict()

    def take(self, statement: str) -> Any:
        """Return the cursor that waits for a statement, from now on the caller's; or None."""
        found = self._waiting.pop(statement, None)
        if found is not None:
            found.home = self
        return found

    def put(self, cursor: Any) -> None:
        """Let a cursor wait; of too many, the one goes whose statement was not sent the longest."""
        self._waiting[cursor.statement] = cursor
        if len(self._waiting) > MOST_IDLE:
            self._waiting.popitem(last=False)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._waiting.values())


_idle: WeakKeyDictionary[Any, IdleCursors] = WeakKeyDictionary()
"""By connection of Django's. Cursors hold that of the driver, so they must not be held by it: a
thread that ends without closing would leave the socket open until the next collection."""


def idle_of(connection: Any) -> IdleCursors | None:
    """Return what waits on the session that a connection of Django's has now, if anything may."""
    found = _idle.get(connection)
    if found is None or found.driver is not connection.connection:
        return None
    return found if found.timezone is connection.timezone else None


def begin_idle(connection: Any, session: Any) -> IdleCursors:
    """Return where cursors may wait from now on; none that waits elsewhere is taken any more."""
    found = IdleCursors(connection.connection, connection.timezone, session)
    _idle[connection] = found
    return found


def forget_idle(connection: Any) -> None:
    """Let go of what waits on a connection."""
    _idle.pop(connection, None)


class WaitingCursor:
    """What a class of the driver's cursors inherits to wait where it would be closed."""

    statement = ""
    """What it waits for: the very text that it has sent, since the driver compares identities."""
    home: IdleCursors | None = None
    """Where it is going to wait; None while it does, as they would hold each other."""
    is_whole = False
    """Was the statement sent, and did its result come?"""

    def close(self) -> None:
        """Wait; after an error, or where its result may still come, it is closed for good."""
        home, self.home = self.home, None
        if home is None or not self.is_whole or not _emptied(self):
            super().close()  # type: ignore[misc]  # of the driver's class
        else:
            self.is_whole = False
            home.put(self)


def _emptied(cursor: Any) -> bool:
    """Drop rows and parameters, as ``close`` does, and the result that the loaders came from."""
    if cursor.connection.pgconn.pipeline_status or not can_wait(type(cursor)):
        return False
    cursor._reset()
    cursor._tx.set_pgresult(None)
    return True


def can_wait(kind: type[Any]) -> bool:
    """Tell whether a class of the driver has what empties a cursor; none of it is promised."""
    return hasattr(kind, "_reset") and hasattr(kind, "_tx")
