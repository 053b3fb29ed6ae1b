"""The seam through which all of the app is written: transactions, and what stands beside them.

A transaction is run again as a whole when it deadlocked or could not be serialised, as long as time
is left (``RETRY_TIME_LIMIT``). One that waited too long for a lock, or found the database
unavailable, fails at once. No other module opens a transaction or registers what follows a commit.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, IntegrityError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

from django_scim_provider.core.errors import NotPrepared, SCIMError, Unavailable
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.operation_clock import clocked, running_clock
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of, code_of, missing_value_of

logger = logging.getLogger("django_scim_provider")

Result = TypeVar("Result")
Row = TypeVar("Row", bound=Model)
Returned = TypeVar("Returned")

PAUSE = (0.001, 0.1)
"""Seconds before another try, at random.

The upper bound is divided by the number of the try: one that has tried for long goes first, or a
transaction that others overtake would never get through."""
MAX_SETTLEMENTS = 8
"""How often a write is refused by a row that is gone when it is looked for, at most."""
_rehearsed: ContextVar[bool] = ContextVar("scim_rehearsed", default=False)


class _NotAlone(Exception):
    """The transaction has to begin again, with its connection for itself."""


class _OutOfSight(Exception):
    """The transaction has to begin again to see what refuses its write."""


def in_transaction(using: str, provider_id: str, work: Callable[[], Result]) -> Result:
    """Run ``work`` in one transaction and return its result; run it again when the database asks.

    All of ``work`` is run again, so it keeps nothing of an earlier try; what it registered to
    follow the commit is forgotten. Inside a transaction it runs once, in a savepoint: only who
    began that can run it again. On databases without row locks (SQLite) the transaction starts with
    a write, so that two of them never read the same state and then both write.

    Raises:
        Unavailable: it deadlocked, or could not be serialised, until the time was up.
        Error: what looked like a refusal, inside a transaction, comes from a database that has
            undone all of it, or is away; there is nothing to go on with.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        return _operation(using, work)
    with clocked() as clock:
        tries, overtaken = 0, False
        while True:
            tries += 1
            try:
                with transaction.atomic(using=using):
                    clock.begin(using)
                    if not connection.features.has_select_for_update:
                        _take_write_lock(using, provider_id)
                    elif not (overtaken and _queue(connection)) and (overtaken or clock.alone):
                        _hold(using, provider_id)
                    return work()
            except _NotAlone:
                continue
            except Exception as error:
                out_of_sight = isinstance(error, _OutOfSight)
                found = Cause.CONFLICT if out_of_sight else cause_of(error)
                cause = Cause.FAULT if clock.committed else found
                if cause is Cause.OUTAGE:
                    _drop_if_broken(connection)
                if cause is not Cause.CONFLICT:
                    raise
                pause = random.uniform(PAUSE[0], max(PAUSE[1] / tries, PAUSE[0] * 20))  # noqa: S311 - jitter, no secret
                if not clock.allows(pause):
                    raise Unavailable() from error
                lost = out_of_sight or code_of(error) in vendor_of(connection).overtaken
                overtaken = tries > 1 and lost
                logger.info("SCIM write of %s tried again (%s)", provider_id, code_of(error))
            finally:
                clock.may_begin_again = False
            time.sleep(pause)


def _operation(using: str, work: Callable[[], Result]) -> Result:
    """Run an operation of a transaction that may have several: undone alone, with its own time."""
    clock = running_clock()
    if clock is not None:
        clock.next_operation()
    try:
        with transaction.atomic(using=using):
            return work()
    except SCIMError as error:
        if cause_of(error) is Cause.FAULT:
            raise
        raise Error("The database ended the transaction of an operation.") from error


def _nobody() -> None:
    """Find nobody in the way."""


def settling_conflicts(
    write: Callable[[], Result], explain: Callable[[], Result | None] = _nobody
) -> Result:
    """Return what a write returns, or where a constraint refuses it, what ``explain`` does.

    ``explain`` raises what it finds taken. Where it finds nothing, the other row is gone by now,
    and the write is tried again; all tries are one operation. Inside a transaction that began
    before the other row was written, all of it begins again.

    Raises:
        NotPrepared: the project needs a value that nobody gives.
        IntegrityError: nobody is in the way; a constraint of the project's is broken.
    """
    with clocked() as clock:
        for attempt in range(1, MAX_SETTLEMENTS + 1):
            try:
                return write()
            except IntegrityError as error:
                if clock.committed:
                    raise
                if (column := missing_value_of(error)) is not None:
                    raise NotPrepared.lacks(column) from error
                found = explain()
                if found is not None:
                    return found
                if not clock.allows(0):
                    raise
                if attempt == MAX_SETTLEMENTS:
                    # Above READ COMMITTED the transaction sees nothing that was written since it
                    # began, however often it looks: the other row may be there all the same.
                    if clock.looks_again():
                        raise _OutOfSight from error
                    raise
    raise AssertionError("unreachable")


@contextmanager
def savepoint(using: str) -> Iterator[None]:
    """Undo the block alone when it raises."""
    with transaction.atomic(using=using):
        yield


@contextmanager
def never_committed(using: str) -> Iterator[None]:
    """Undo all of the block when it is over, also when it succeeds.

    ``after_commit`` never calls, and ``is_rehearsed`` says so. What code of the project's writes to
    its other databases is undone as well.
    """
    connection, token = connections[using], _rehearsed.set(True)
    try:
        with ExitStack() as undone:
            undone.enter_context(_undone(using))
            if not connection.features.has_select_for_update:
                # Begun by reading, it could not write once somebody else has.
                _take_write_lock(using, "")
            for alias in set(connections) - {using}:
                # To one that does not answer nobody writes.
                with suppress(Error, ImproperlyConfigured):
                    undone.enter_context(_undone(alias))
            yield
    finally:
        _rehearsed.reset(token)


@contextmanager
def _undone(alias: str) -> Iterator[None]:
    with transaction.atomic(using=alias):
        try:
            yield
        finally:
            transaction.set_rollback(True, using=alias)


def is_rehearsed() -> bool:
    """Tell whether all is undone in any case, so that nothing may have an effect elsewhere."""
    return _rehearsed.get()


def be_alone(using: str, provider_id: str) -> None:
    """Keep every other write of the connection away until the transaction ends.

    Its lock comes before all others, so a transaction that finds out late that it needs it begins
    again with it; one of somebody else's, which nobody here can begin again, waits for it now.
    """
    if not connections[using].features.has_select_for_update:
        return
    clock = running_clock()
    if clock is None or not clock.may_begin_again:
        _hold(using, provider_id)
    elif not clock.alone:
        clock.alone = True
        raise _NotAlone


def hold_off_writes(using: str, provider_id: str) -> None:
    """Wait for the writes of a connection that are under way, and keep others from beginning.

    It is for who holds no other lock yet, as this one comes first; it holds until the transaction
    ends.
    """
    if connections[using].features.has_select_for_update:
        _hold(using, provider_id)


def after_commit(using: str, call: Callable[[], Any], *, robust: bool = False) -> None:
    """Call once what was written is there to stay; never, where it was undone.

    With ``robust`` an exception of the call is logged, and the calls after it are made.
    """
    transaction.on_commit(call, using=using, robust=robust)


def locked(rows: QuerySet[Row, Returned]) -> QuerySet[Row, Returned]:
    """Return rows that stay as they are until the transaction ends, but for what refers to them.

    PostgreSQL's lock for rows whose keys stay leaves rows that refer to them be inserted.
    """
    features = connections[rows.db].features
    return rows.select_for_update(no_key=bool(features.has_select_for_no_key_update))


def write_aside(using: str, what: str, write: Callable[[], Any], *, waits: bool = False) -> None:
    """Write records that a request does not depend on; if that fails, log it.

    The transaction that is under way, if there is one, goes on without it. ``what`` is the subject
    of the log's sentence. ``waits`` lets it wait for SQLite's only write lock as any write does:
    for what people look for, where the request has not waited in vain already.
    """
    connection = connections[using]
    try:
        if not connection.in_atomic_block:
            vendor = vendor_of(connection)
            with nullcontext() if waits else vendor.not_waiting(connection):
                write()
        elif not connection.needs_rollback:
            with transaction.atomic(using=using):
                write()
    except Error as error:
        logger.warning("%s was not written (%s %s)", what, type(error).__name__, code_of(error))
        if not connection.in_atomic_block:
            _drop_if_broken(connection)


def _drop_if_broken(connection: BaseDatabaseWrapper) -> None:
    """Close a connection that was lost, so that the next statement makes one.

    Django does so between requests only, which commands and workers do not have.
    """
    if connection.connection is not None and not connection.is_usable():
        with suppress(Error):  # PyMySQL complains of what is closed already
            connection.close()


def _queue(connection: BaseDatabaseWrapper) -> bool:
    """Wait until no other transaction writes, in the order of those that wait.

    False where the database has no such queue, and who holds a row sees what was written before.
    """
    table = connection.ops.quote_name(ProviderConnection._meta.db_table)
    waits = vendor_of(connection).turn_sql(table)
    if waits is not None:
        with connection.cursor() as cursor:
            cursor.execute(waits)
    return waits is not None


def _hold(using: str, provider_id: str) -> None:
    rows = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
    list(locked(rows).values_list("pk"))


def _take_write_lock(using: str, provider_id: str) -> None:
    connection = connections[using]
    if not vendor_of(connection).holds_write_lock(connection):
        rows = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
        rows.update(provider_id=provider_id)
