"""Errors as Django raises them for each database, by what they are taken for."""

from __future__ import annotations

import sqlite3

import pymysql
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from psycopg import errors as psycopg_errors


def of_postgresql(sqlstate: str, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    """Return an error as Django raises it for psycopg."""
    error = kind("the server's words")
    error.__cause__ = psycopg_errors.lookup(sqlstate)("the server's words")
    return error


def of_mysql(number: int, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    """Return an error as Django raises it for PyMySQL and mysqlclient."""
    error = kind(number, "the server's words")
    error.__cause__ = pymysql.OperationalError(number, "the server's words")
    return error


def of_sqlite(code: int, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    """Return an error as Django raises it for SQLite."""
    cause = sqlite3.OperationalError("its words")
    cause.sqlite_errorcode, cause.sqlite_errorname = code, f"SQLITE_{code}"
    error = kind("its words")
    error.__cause__ = cause
    return error


def wrapped(error: Exception) -> Exception:
    """Return an exception of the project's that hides an error."""
    shown = RuntimeError("the hook failed")
    shown.__cause__ = error
    return shown


def noticed() -> Exception:
    """Return an exception that was raised while an error was dealt with."""
    try:
        try:
            raise of_postgresql("40P01")
        except DatabaseError:
            raise LookupError("in the handler")  # noqa: B904 - the case
    except LookupError as error:
        return error


CONFLICTS = [
    pytest.param(of_postgresql("40P01"), id="postgresql-deadlock"),
    pytest.param(of_postgresql("40001"), id="postgresql-serialization"),
    pytest.param(of_mysql(1213), id="mysql-deadlock"),
    pytest.param(of_mysql(1020, DatabaseError), id="mariadb-snapshot"),
    pytest.param(of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), id="sqlite-snapshot"),
    pytest.param(wrapped(of_mysql(1213)), id="wrapped-by-the-project"),
    pytest.param(noticed(), id="raised-while-it-was-handled"),
]
OUTAGES = [
    pytest.param(of_postgresql("25006", InternalError), id="postgresql-read-only"),
    pytest.param(of_postgresql("25P03", InternalError), id="postgresql-idle-in-transaction"),
    pytest.param(of_postgresql("25P04"), id="postgresql-transaction-timeout"),
    pytest.param(of_postgresql("08006"), id="postgresql-connection-failure"),
    pytest.param(of_postgresql("08P01"), id="pooler-protocol"),
    pytest.param(of_postgresql("53300"), id="postgresql-too-many-connections"),
    pytest.param(of_postgresql("53100"), id="postgresql-disk-full"),
    pytest.param(of_postgresql("57P01"), id="postgresql-shut-down"),
    pytest.param(of_postgresql("57014"), id="postgresql-cancelled"),
    pytest.param(of_postgresql("55P03"), id="postgresql-lock-timeout"),
    pytest.param(of_mysql(1205), id="mysql-lock-wait"),
    pytest.param(of_mysql(1290), id="mysql-read-only"),
    pytest.param(of_mysql(1792, InternalError), id="mysql-read-only-transaction"),
    pytest.param(of_mysql(1836, InternalError), id="mysql-read-only-mode"),
    pytest.param(of_mysql(1040), id="mysql-too-many-connections"),
    pytest.param(of_mysql(1047), id="galera-not-ready"),
    pytest.param(of_mysql(1927), id="mariadb-killed"),
    pytest.param(of_mysql(2006), id="mysql-gone-away"),
    pytest.param(of_mysql(2013), id="mysql-lost"),
    pytest.param(of_sqlite(sqlite3.SQLITE_BUSY), id="sqlite-busy"),
    pytest.param(of_sqlite(sqlite3.SQLITE_BUSY_TIMEOUT), id="sqlite-busy-timeout"),
    pytest.param(of_sqlite(sqlite3.SQLITE_LOCKED), id="sqlite-locked"),
    pytest.param(of_sqlite(sqlite3.SQLITE_READONLY_DIRECTORY), id="sqlite-read-only"),
    pytest.param(of_sqlite(sqlite3.SQLITE_FULL), id="sqlite-full"),
    pytest.param(of_sqlite(sqlite3.SQLITE_IOERR_WRITE), id="sqlite-io"),
    pytest.param(OperationalError("server closed the connection"), id="without-a-code"),
    pytest.param(InterfaceError("connection already closed"), id="closed"),
    pytest.param(InterfaceError(0, ""), id="pymysql-closed"),
    pytest.param(wrapped(of_postgresql("25006", InternalError)), id="wrapped-by-the-project"),
]
FAULTS = [
    pytest.param(of_postgresql("42P01", ProgrammingError), id="postgresql-no-table"),
    pytest.param(of_postgresql("23505", IntegrityError), id="postgresql-unique"),
    pytest.param(of_postgresql("25P02", InternalError), id="postgresql-aborted"),
    pytest.param(of_postgresql("22021", DataError), id="postgresql-nul"),
    pytest.param(of_postgresql("XX000", InternalError), id="postgresql-internal"),
    pytest.param(of_mysql(1054), id="mysql-no-column"),
    pytest.param(of_mysql(1062, IntegrityError), id="mysql-unique"),
    pytest.param(of_mysql(1366), id="mysql-wrong-value"),
    pytest.param(of_sqlite(sqlite3.SQLITE_ERROR), id="sqlite-no-table"),
    pytest.param(IntegrityError("x"), id="without-a-code"),
    pytest.param(RuntimeError("x"), id="no-error-of-a-database"),
    pytest.param(OSError(1205, "a number of somebody else's"), id="other-number"),
]
