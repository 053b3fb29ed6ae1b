"""Statements that PostgreSQL keeps prepared (psycopg 3): the app's own, none of the project's.

Parsing and planning take longer than most of these statements do. Django has psycopg prepare
nothing (``prepare_threshold``), so the connection prepares while one of the app's statements is
sent, and is as Django left it before and after. A session that is not one's own loses what was
prepared in it, or has another's under the same name: behind a pooler nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from django.utils.version import get_version_tuple

THRESHOLD = 5
"""How often a statement has been sent before it is prepared; psycopg's own.

A connection that is closed after one request, as Django does by default, never gets there."""
MOST_USES = 5000
"""How many statements are sent in a session before all of them are prepared anew.

The plan for a table with ten rows reads all of it. It is kept until the statistics change, which in
an import is a minute and many thousand rows later."""
FORGETS = (3, 3, 6)
"""The version of psycopg that forgets its statements at a DEALLOCATE ALL; earlier ones would go on
naming them, so nothing is prepared anew there."""
_CURSORS = "django.db.backends.postgresql.base"
"""Where the cursors are from that may be replaced; somebody else's do what they are made for."""


@dataclass(slots=True)
class _Session:
    is_own: bool
    """Is it one session, which keeps what is prepared in it?"""
    uses: int = 0


_sessions: WeakKeyDictionary[Any, _Session] = WeakKeyDictionary()
"""By connection of the driver."""


def preparing_cursor(connection: Any, wanted: bool | None) -> Any:
    """Return a cursor of Django's that prepares what it executes, or a plain one.

    Django makes it, so that whoever replaced ``cursor`` or wraps what is executed has a say.
    ``wanted`` is the setting; True asks nobody.
    """
    cursor = connection.cursor()
    if not _is_allowed(connection, wanted) or type(cursor.cursor).__module__ != _CURSORS:
        return cursor
    driver = connection.connection
    factory = _preparing(connection.Database.Cursor)
    with connection.wrap_database_errors:
        session = _session_of(driver, wanted)
        if not session.is_own:
            return cursor
        session.uses += 1
        if session.uses > MOST_USES and forgets(connection.Database.__version__):
            session.uses = 0
            # psycopg sees it and forgets what it knows of them as well.
            factory(driver).execute("DEALLOCATE ALL")
    kept = driver.cursor_factory
    driver.cursor_factory = factory
    try:
        cursor.cursor = connection.create_cursor()
    finally:
        driver.cursor_factory = kept
    if connection.queries_logged:
        cursor.cursor.composed = connection.ops.compose_sql
    return cursor


@cache
def forgets(version: str) -> bool:
    """Tell whether a version of psycopg forgets what is deallocated."""
    return bool(get_version_tuple(version.split()[0]) >= FORGETS)


def prepare_no_more(connection: Any) -> None:
    """Send all further statements of the connection without preparing them.

    Its tables are not what they were when they were prepared, or its session is not.
    """
    if connection.connection is not None:
        _sessions[connection.connection] = _Session(is_own=False)


def _is_allowed(connection: Any, wanted: bool | None) -> bool:
    if wanted is False or connection.Database.__name__ != "psycopg":
        return False
    if wanted:
        return True
    found = connection.settings_dict
    if found.get("DISABLE_SERVER_SIDE_CURSORS"):
        return False
    return found["OPTIONS"].get("prepare_threshold", THRESHOLD) is not None


def _session_of(driver: Any, wanted: bool | None) -> _Session:
    """Return what is known of a session; the first time, ask which process serves it.

    A pooler such as PgBouncer gives its clients a number of its own making.
    """
    found = _sessions.get(driver)
    if found is None:
        found = _Session(is_own=wanted is True)
        if not wanted:
            with driver.cursor() as cursor:
                (process,) = cursor.execute("SELECT pg_backend_pid()").fetchone()
            found.is_own = process == driver.info.backend_pid
        _sessions[driver] = found
    return found


@cache
def _preparing(cursor: Any) -> type[Any]:
    """Return a class of cursors; the driver is imported only where the project uses it."""

    class PreparingCursor(cursor):  # type: ignore[misc]  # a class of the driver
        """Binds parameters on the server."""

        composed: Any = None
        """Returns a statement with its parameters, where Django logs it."""

        def execute(self, query: Any, params: Any = None) -> Any:
            driver, kept = self.connection, self.connection.prepare_threshold
            if kept is None:
                driver.prepare_threshold = THRESHOLD
            try:
                return super().execute(query, params)
            finally:
                driver.prepare_threshold = kept
                if self.composed is not None:
                    # Where Django reads it, for cursors that compose it themselves.
                    self._query = SimpleNamespace(query=self.composed(query, params).encode())

    return PreparingCursor
