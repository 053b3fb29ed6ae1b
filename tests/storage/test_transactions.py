"""What deadlocks is tried again while there is time; what waited in vain, or is away, is not."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

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
    connection,
    transaction,
)
from django.test.utils import CaptureQueriesContext
from psycopg import errors as psycopg_errors

from django_scim_provider.core.errors import SCIMError, Unavailable
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.base import (
    after_commit,
    in_transaction,
    settling_conflicts,
    write_aside,
)
from django_scim_provider.storage.database_errors import Cause, cause_of, code_of
from tests.factories import make_connection

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize("error", CONFLICTS)
def test_deadlocks_and_serialization_failures_are_conflicts(error: Exception) -> None:
    assert cause_of(error) is Cause.CONFLICT


@pytest.mark.parametrize("error", OUTAGES)
def test_what_is_away_or_locked_is_an_outage_whatever_its_class(error: Exception) -> None:
    assert cause_of(error) is Cause.OUTAGE


@pytest.mark.parametrize("error", FAULTS)
def test_what_is_wrong_with_a_statement_is_a_fault_whatever_its_class(error: Exception) -> None:
    assert cause_of(error) is Cause.FAULT


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (of_postgresql("25006", InternalError), "25006"),
        (of_mysql(1290), "1290"),
        (of_sqlite(5), "SQLITE_5"),
        (RuntimeError("x"), ""),
    ],
)
def test_code_is_the_servers(error: Exception, code: str) -> None:
    assert code_of(error) == code


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses between tries, with a clock that only they move."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100 + sum(pauses))
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def failing(error: Exception, times: float = float("inf")) -> tuple[list[int], Callable[[], str]]:
    """Return the tries, and work that fails so often before it is done."""
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    return tries, work


@pytest.mark.parametrize("error", CONFLICTS)
@pytest.mark.parametrize("failures", [0, 1, 7])
def test_conflict_is_tried_again(error: Exception, failures: int, clock: list[float]) -> None:
    tries, work = failing(error, failures)

    assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == failures + 1


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_no_try_begins_after_the_limit(
    limit: int, clock: list[float], scim_settings: Callable[..., None]
) -> None:
    scim_settings(RETRY_TIME_LIMIT=limit)
    tries, work = failing(of_mysql(1213))

    with pytest.raises(Unavailable):
        in_transaction("default", "acme", work)

    assert sum(clock) <= limit
    assert len(tries) == len(clock) + 1
    assert max(clock, default=0) <= 0.1
    assert limit == 0 or sum(clock) > limit - 0.5


@pytest.mark.parametrize("error", [*OUTAGES, *FAULTS])
def test_nothing_else_is_tried_again(error: Exception, clock: list[float]) -> None:
    tries, work = failing(error)

    with pytest.raises(type(error)):
        in_transaction("default", "acme", work)

    assert len(tries) == 1
    assert clock == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="its snapshots are the reason")
def test_whoever_is_overtaken_again_waits_before_the_snapshot(clock: list[float]) -> None:
    _, work = failing(of_postgresql("40001"), 3)

    with CaptureQueriesContext(connection) as run:
        in_transaction("default", "acme", work)

    marks = [query["sql"].split()[0] for query in run]
    assert marks == ["BEGIN", "ROLLBACK"] * 2 + ["BEGIN", "LOCK", "ROLLBACK"] + [
        "BEGIN",
        "LOCK",
        "COMMIT",
    ]


def test_settling_and_retrying_are_one_operation(clock: list[float]) -> None:
    """A row that is in the way and gone again gives the transaction no new time."""

    refused: list[int] = []

    def work() -> None:
        if sum(clock) > 4 and not refused:
            refused.append(1)
            raise IntegrityError
        raise of_mysql(1213)

    with pytest.raises(Unavailable):
        settling_conflicts(lambda: in_transaction("default", "acme", work), lambda: None)

    assert refused
    assert sum(clock) <= 5


def test_each_operation_has_time_of_its_own(clock: list[float]) -> None:
    """The third operation of a long transaction is tried again after all that came before it."""
    tries: list[int] = []

    def operate(number: int) -> None:
        clock.append(4)  # seconds that the operation takes
        if number == 2 and len(tries) == 1:
            raise of_mysql(1213)

    def work() -> str:
        tries.append(1)
        for number in range(3):
            in_transaction("default", "acme", partial(operate, number))
        return "done"

    with pytest.raises(Unavailable):
        in_transaction("default", "acme", lambda: _slow_as_one(clock))
    assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == 2


def _slow_as_one(clock: list[float]) -> None:
    clock.append(8)
    raise of_mysql(1213)


def test_operation_that_is_tried_again_keeps_its_beginning(clock: list[float]) -> None:
    tries: list[int] = []

    def fail() -> None:
        clock.append(1)
        raise of_mysql(1213)

    def work() -> None:
        tries.append(1)
        in_transaction("default", "acme", lambda: clock.append(2))
        in_transaction("default", "acme", fail)

    with pytest.raises(Unavailable):
        in_transaction("default", "acme", work)

    # The third begins 4 s after the operation first did, a fourth would after 7 s.
    assert len(tries) == 3


def test_nothing_is_tried_again_inside_a_transaction_of_the_host(clock: list[float]) -> None:
    tries, work = failing(of_postgresql("40P01"))

    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction("default", "acme", work)

    assert len(tries) == 1


def test_refusal_that_hides_a_deadlock_ends_the_try_and_not_the_operation(
    clock: list[float],
) -> None:
    """A bulk request answers an operation that is refused and goes on; here nothing is left."""
    tries: list[int] = []

    def operate() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("a hook failed") from of_mysql(1213)

    def work() -> str:
        with suppress(SCIMError):
            in_transaction("default", "acme", operate)
        return "done"

    assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == 2


def test_failure_after_the_commit_does_not_repeat_what_was_done() -> None:
    """A call of the project's that follows the commit deadlocks by itself."""
    made: list[Any] = []

    def work() -> None:
        made.append(make_connection(provider_id=f"made{len(made)}"))

        def follow() -> None:
            raise of_postgresql("40P01")

        transaction.on_commit(follow)

    with pytest.raises(OperationalError):
        in_transaction("default", "acme", work)

    assert len(made) == 1
    assert ProviderConnection.objects.count() == 1


def test_what_follows_a_commit_is_called_once_and_has_time_of_its_own(clock: list[float]) -> None:
    called = []
    tries, fails_once = failing(of_postgresql("40P01"), 1)

    def work() -> None:
        after_commit("default", lambda: called.append(in_transaction("default", "acme", inner)))
        clock.append(4)
        fails_once()

    inner_tries, inner = failing(of_mysql(1213), 3)

    in_transaction("default", "acme", work)

    assert called == ["done"]
    assert len(inner_tries) == 4
    assert len(tries) == 2


def test_failed_work_leaves_nothing() -> None:
    def work() -> None:
        make_connection(provider_id="lost")
        raise LookupError

    with pytest.raises(LookupError):
        in_transaction("default", "acme", work)

    assert make_connection(provider_id="lost").provider_id == "lost"


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("error", [*OUTAGES[:-1], *FAULTS[:9]])
def test_what_is_written_aside_fails_by_itself(
    error: Exception, nested: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def write() -> None:
        make_connection(provider_id="aside")
        raise error

    def act() -> None:
        write_aside("default", "The book", write)
        make_connection(provider_id="kept")

    if nested:
        with transaction.atomic():
            act()
    else:
        act()

    assert ProviderConnection.objects.filter(provider_id="kept").exists()
    assert not (nested and ProviderConnection.objects.filter(provider_id="aside").exists())
    (record,) = caplog.records
    assert record.getMessage().startswith("The book was not written (")
    assert record.exc_info is None


def test_broken_statement_written_aside_does_not_poison_the_transaction() -> None:
    def write() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    with transaction.atomic():
        write_aside("default", "The book", write)
        assert make_connection(provider_id="kept").pk is not None
