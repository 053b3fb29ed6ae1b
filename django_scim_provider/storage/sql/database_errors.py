"""What an error of the database means: by what the server says, never by the class of the error.

One cause comes in several classes (a PostgreSQL that became read-only raises ``InternalError``),
and one class has several causes (an ``OperationalError`` of SQLite is a lock or a missing table).
The servers say which: PostgreSQL by SQLSTATE (PostgreSQL documentation, appendix A), MySQL, MariaDB
and Galera by number (MariaDB Knowledge Base, "MariaDB Error Codes"), SQLite by result code
(https://www.sqlite.org/rescode.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from enum import Enum

from django.db import Error, InterfaceError, OperationalError

MAX_CHAIN = 10


class Cause(Enum):
    """Why a statement failed."""

    CONFLICT = "conflict"
    """A deadlock or a serialization failure: the same transaction may succeed when it is run
    again, and nothing of it is left."""
    OUTAGE = "outage"
    """The database is away, read-only, full, shutting down, or somebody holds a lock for too long:
    nothing is wrong with the statement, and a request that waited for it does not wait again."""
    FAULT = "fault"
    """Anything else: of the app, or of the project."""


_POSTGRESQL_CONFLICTS = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_POSTGRESQL_OUTAGES = (
    "08",  # the connection
    "40",  # rolled back; whether it was completed is not known
    "53",  # out of connections, memory, disk
    "57",  # cancelled, shut down, cannot connect now
    "58",  # the disk, the operating system
    "25006",  # read only
    "25P03",  # idle in transaction for too long
    "25P04",  # transaction for too long
    "55P03",  # a lock was not to be had
)
_MYSQL_CONFLICTS = {
    1020,  # the row has changed since the snapshot
    1213,  # deadlock, or a certification that failed on a Galera cluster
    3101,  # a certification that failed in a replication group
}
_MYSQL_OUTAGES = {
    *(1021, 1037, 1038, 1041, 1114),  # disk, memory or table full
    *(1040, 1042, 1043, 1129, 1130, 1203, 1226),  # too many connections, or not let in
    *(1044, 1045, 1698),  # no access, as while passwords are changed
    *(1047, 1053, 1079, 1077, 1080),  # a cluster's node that is not ready; a shut-down
    *(1158, 1159, 1160, 1161, 1184),  # the network
    *(1180, 1181),  # an error during COMMIT or ROLLBACK
    *(1205, 1206, 1637, 1689, 3572),  # a lock was not to be had; too many locks or transactions
    *(1290, 1792, 1836, 3100),  # read only
    *(1317, 1927, 1969, 3024, 4031),  # interrupted, killed, out of time, idle for too long
    *(2002, 2003, 2004, 2005, 2006, 2011, 2012, 2013, 2026, 2055),  # the client's: connection lost
}
_SQLITE_CONFLICTS = {
    sqlite3.SQLITE_BUSY_SNAPSHOT,  # somebody wrote since the snapshot
    sqlite3.SQLITE_LOCKED_SHAREDCACHE,  # a lock between threads, which no time limit waits for
}
_SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
}
"""Primary codes: the low byte of a result code."""


def cause_of(error: BaseException) -> Cause:
    """Return why something failed: by the first error of a database in the chain of causes.

    An exception that the project's code raised because of such an error is judged by that error.
    """
    for each in _chain(error):
        found = _told(each)
        if found is not None:
            return found
    # What happens to the connection itself is noticed by the driver, which has no code for it.
    silent = any(isinstance(each, OperationalError | InterfaceError) for each in _chain(error))
    return Cause.OUTAGE if silent else Cause.FAULT


def code_of(error: BaseException) -> str:
    """Return what the server called an error, such as ``25006`` or ``1213``; empty for nothing."""
    for each in _chain(error):
        code = _code(each)
        if code is not None:
            return str(code)
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    each: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if each is None:
            return
        yield each
        # An error while the first one was dealt with, such as a savepoint that is gone, follows.
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _code(error: BaseException) -> str | int | None:
    """Return the SQLSTATE, the number or the name of a result code."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if isinstance(state, str):
        return state
    if isinstance(error, sqlite3.Error):
        name: str | None = getattr(error, "sqlite_errorname", None)
        return name
    return _number(error)


def _number(error: BaseException) -> int | None:
    """Return the number that the drivers of MySQL and MariaDB put before the text."""
    first = error.args[0] if error.args else None
    is_of_database = isinstance(error, Error) or type(error).__module__.startswith(
        ("pymysql", "MySQLdb", "mysql", "mariadb")
    )
    return first if is_of_database and isinstance(first, int) and first > 0 else None


def _told(error: BaseException) -> Cause | None:
    """Return what an error says by itself; None where it says nothing."""
    code = _code(error)
    if isinstance(error, sqlite3.Error):
        return None if code is None else _of_sqlite(error.sqlite_errorcode)
    if isinstance(code, str):
        if code in _POSTGRESQL_CONFLICTS:
            return Cause.CONFLICT
        return Cause.OUTAGE if code.startswith(_POSTGRESQL_OUTAGES) else Cause.FAULT
    if isinstance(code, int):
        if code in _MYSQL_CONFLICTS:
            return Cause.CONFLICT
        return Cause.OUTAGE if code in _MYSQL_OUTAGES else Cause.FAULT
    return None


def _of_sqlite(code: int) -> Cause:
    if code in _SQLITE_CONFLICTS:
        return Cause.CONFLICT
    return Cause.OUTAGE if code & 0xFF in _SQLITE_OUTAGES else Cause.FAULT
