"""Statements that PostgreSQL keeps prepared (psycopg 3): the app's own, none of the project's.

Parsing and planning take longer than most of these statements do. Django has psycopg prepare
nothing (``prepare_threshold``), so the connection prepares while one of the app's statements is
sent, and is as Django left it before and after. A session that is not one's own loses what was
prepared in it, or has another's under the same name: behind a pooler nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.version import get_version_tuple

from django_scim_provider.storage.sql.vendors.idle_cursors import (
    WaitingCursor,
    begin_idle,
    forget_idle,
    idle_of,
)

THRESHOLD = 5
"""How often a statement has been sent before it is prepared; psycopg's own.

A connection that is closed after one request, as Django does by default, never gets there."""
MOST_USES = 5000
"""How many statements are sent in a session before all of them are prepared anew.

The plan for a table with ten rows reads all of it. It is kept until the statistics change, which in
an import is a minute and many thousand rows later."""
FEW_USES = 300
"""How many the first time, and four times as many each further time: a table that was empty when
the session began outgrows its first plans within seconds."""
FORGETS = (3, 3, 6)
"""The version of psycopg that forgets its statements at a DEALLOCATE ALL; earlier ones would go on
naming them, so nothing is prepared anew there."""
_CURSORS = "django.db.backends.postgresql.base"
"""Where the cursors are from that may be replaced; somebody else's do what they are made for."""
_Base: Any = BaseDatabaseWrapper
"""Its ``_cursor`` is not in the stubs."""


@dataclass(slots=True)
class _Session:
    is_own: bool
    """Is it one session, which keeps what is prepared in it?"""
    uses: int = 0
    most: int = field(default_factory=lambda: FEW_USES)


_sessions: WeakKeyDictionary[Any, _Session] = WeakKeyDictionary()
"""By connection of the driver."""


def preparing_cursor(connection: Any, wanted: bool | None, statement: str) -> Any:
    """Return a cursor of Django's that prepares a statement, or a plain one.

    Whoever replaced Django's ``cursor``, or what it is made of, has a say, and so have those who
    wrap what is executed. ``wanted`` is the setting; True asks nobody.
    """
    if not _is_allowed(connection, wanted):
        return connection.cursor()
    if _makes_cursors_as_django(connection):
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        if getattr(connection.connection.cursor_factory, "__module__", "") != _CURSORS:
            return connection.cursor()
        with connection.wrap_database_errors:
            own = _own_cursor(connection, wanted, statement)
            cursor = connection.cursor() if own is None else connection._prepare_cursor(own)
    else:
        cursor = connection.cursor()
        if type(cursor.cursor).__module__ != _CURSORS:
            return cursor
        with connection.wrap_database_errors:
            own = _own_cursor(connection, wanted, statement)
            if own is not None:
                cursor.cursor = own
    if own is not None and connection.queries_logged:
        own.composed = connection.ops.compose_sql
    return cursor


def _makes_cursors_as_django(connection: Any) -> bool:
    """Tell whether nobody has replaced what makes cursors, of the class or of the connection."""
    kind: Any = type(connection)
    own = vars(connection)
    return (
        kind.cursor is _Base.cursor
        and kind._cursor is _Base._cursor
        and kind.create_cursor.__module__ == _CURSORS
        and not ("cursor" in own or "_cursor" in own or "create_cursor" in own)
    )


def _own_cursor(connection: Any, wanted: bool | None, statement: str) -> Any:
    """Return a cursor of the driver that prepares; None where the session is not one's own."""
    driver, idle = connection.connection, idle_of(connection)
    if idle is None:
        idle = begin_idle(connection, _session_of(driver, wanted))
    session, factory = idle.session, _preparing(connection.Database.Cursor)
    if not session.is_own:
        return None
    session.uses += 1
    if session.uses > session.most and forgets(connection.Database.__version__):
        session.uses, session.most = 0, min(4 * session.most, MOST_USES)
        # psycopg sees it and forgets what it knows of them as well.
        factory(driver).execute("DEALLOCATE ALL")
    # A connection that is lost is told by the driver, when it makes a cursor.
    found = None if driver.closed else idle.take(statement)
    if found is None:
        kept = driver.cursor_factory
        driver.cursor_factory = factory
        try:
            found = connection.create_cursor()
        finally:
            driver.cursor_factory = kept
        found.statement, found.home = statement, idle
    return found


@cache
def forgets(version: str) -> bool:
    """Tell whether a version of psycopg forgets what is deallocated."""
    return bool(get_version_tuple(version.split()[0]) >= FORGETS)


def prepare_no_more(connection: Any) -> None:
    """Send all further statements of the connection without preparing them.

    Its tables are not what they were when they were prepared, or its session is not.
    """
    forget_idle(connection)
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

    class PreparingCursor(WaitingCursor, cursor):  # type: ignore[misc]  # a class of the driver
        """Binds parameters on the server."""

        composed: Any = None
        """Returns a statement with its parameters, where Django logs it."""

        def execute(self, query: Any, params: Any = None) -> Any:
            driver, kept = self.connection, self.connection.prepare_threshold
            if query == self.statement:
                query = self.statement
            self.is_whole = False
            if kept is None:
                driver.prepare_threshold = THRESHOLD
            try:
                super().execute(query, params)
                self.is_whole = True
            finally:
                driver.prepare_threshold = kept
                if self.composed is not None:
                    # Where Django reads it, for cursors that compose it themselves.
                    self._query = SimpleNamespace(query=self.composed(query, params).encode())
            return self

        def close(self) -> None:
            self.composed = None
            super().close()

    return PreparingCursor
