"""A time limit for queries that no index serves, for these alone and by each database's own means.

Nothing of it stays in the session, which behind a pooler is somebody else's next: PostgreSQL gets
``SET LOCAL`` in a transaction, MariaDB and MySQL a limit in the statement, SQLite a handler that
is taken away again. A limit of the project's own that is shorter stays in force.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import TooMany
from django_scim_provider.storage.transactions import savepoint

_STEPS = 1000
"""Steps of SQLite's virtual machine between two looks at the clock."""
_MAX_MILLISECONDS = 2**31 - 1
_POSTGRESQL_CANCELED = "57014"  # query_canceled
_MYSQL_RAN_OUT = {1969, 3024}  # MariaDB: ER_STATEMENT_TIMEOUT; MySQL: ER_QUERY_TIMEOUT


@contextmanager
def time_limit(using: str) -> Iterator[None]:
    """Give each query of the block ``QUERY_TIME_LIMIT`` seconds.

    The block reads only. Databases other than the three that filters are written for have none.

    Raises:
        TooMany: a query took longer; a transaction around the block can go on.
    """
    seconds = get_settings().QUERY_TIME_LIMIT
    connection = connections[using]
    limited = _LIMITS.get(connection.vendor)
    if seconds is None or limited is None:
        yield
        return
    try:
        with limited(connection, seconds):
            yield
    except DatabaseError as error:
        if not _ran_out(error):
            raise
        raise TooMany(
            f"No index serves the filter or the order, and the query took longer than the"
            f" {seconds:g} seconds of QUERY_TIME_LIMIT, or than the database allows."
        ) from error


def _ran_out(error: DatabaseError) -> bool:
    """Tell whether the database ended a query for its time; by number, texts are translated."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)  # psycopg 3 and 2
    return (
        state == _POSTGRESQL_CANCELED
        or getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        or (bool(error.args) and error.args[0] in _MYSQL_RAN_OUT)
    )


def _milliseconds(seconds: float) -> int:
    return min(max(1, round(seconds * 1000)), _MAX_MILLISECONDS)


@contextmanager
def _postgresql(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Set the limit in a transaction of its own, or in a savepoint of the one that is there."""
    nested, limit = connection.in_atomic_block, _milliseconds(seconds)
    with savepoint(connection.alias):
        with connection.cursor() as cursor:
            cursor.execute(_SET_SHORTER, [str(limit), limit])
            before = cursor.fetchone()
        yield
        # A transaction that goes on has its limit back; an error brought it back with the
        # savepoint.
        if nested and before is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before[0]])


_SET_SHORTER = """
    SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)
    WHERE current_setting('statement_timeout') = '0'
        OR current_setting('statement_timeout')::interval > %s * interval '1 millisecond'
"""


@contextmanager
def _mysql(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Write the limit into each SELECT."""
    is_mariadb = getattr(connection, "mysql_is_mariadb", False)
    begin = mariadb_beginning(seconds)
    if not is_mariadb:
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@max_execution_time")
            begin = mysql_beginning(seconds, own=int(cursor.fetchone()[0]))

    def limited(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        return execute(begin + sql[len("SELECT") :] if sql.startswith("SELECT") else sql, *rest)

    with connection.execute_wrapper(limited):
        yield


def mariadb_beginning(seconds: float) -> str:
    """Return what SELECT becomes on MariaDB; the session's own limit is in seconds, 0 for none."""
    own, limit = "@@max_statement_time", f"{_milliseconds(seconds) / 1000:.3f}"
    shorter = f"IF({own} > 0, LEAST({own}, {limit}), {limit})"
    return f"SET STATEMENT max_statement_time={shorter} FOR SELECT"


def mysql_beginning(seconds: float, *, own: int) -> str:
    """Return what SELECT becomes on MySQL; ``own`` are the session's milliseconds, 0 for none."""
    limit = _milliseconds(seconds)
    return f"SELECT /*+ MAX_EXECUTION_TIME({min(own, limit) if own else limit}) */"


@contextmanager
def _sqlite(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Interrupt the query from within: there is no server to do it."""
    connection.ensure_connection()
    raw = connection.connection
    end = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


_Limit = Callable[[BaseDatabaseWrapper, float], AbstractContextManager[None]]
_LIMITS: dict[str, _Limit] = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}
