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
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, IntegrityError, connections, transaction

from django_scim_provider.core.errors import NotPrepared, SCIMError, Unavailable
from django_scim_provider.storage.operation_clock import BeginsAgain, Clock, clocked, running_clock
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import (
    cause_of,
    code_of,
    missing_value_of,
    refusal_of,
)
from django_scim_provider.storage.transactions.asides import drop_if_broken, write_aside
from django_scim_provider.storage.transactions.connection_locks import (
    has_one_writer,
    hold,
    one_at_a_time,
    queue,
    take_write_lock,
)
from django_scim_provider.storage.transactions.row_turns import (
    hold_connection,
    hold_owners,
    locked,
    share_connection,
)
from django_scim_provider.storage.transactions.undone_work import refused, rehearsed

__all__ = [
    "after_commit",
    "be_alone",
    "has_one_writer",
    "hold_off_writes",
    "hold_owners",
    "in_transaction",
    "is_rehearsed",
    "locked",
    "never_committed",
    "refused",
    "savepoint",
    "settling_conflicts",
    "write_aside",
]

logger = logging.getLogger("django_scim_provider")

Result = TypeVar("Result")

PAUSE = (0.001, 0.1)
"""Seconds before another try, at random.

The upper bound is divided by the number of the try: one that has tried for long goes first, or a
transaction that others overtake would never get through."""
MAX_SETTLEMENTS = 8
"""How often a write is refused by a row that is gone when it is looked for, at most."""


class _Undone(Exception):
    """The block is over, and nothing of it stays."""


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
        PayloadTooLarge, InvalidValue: the database keeps nothing that large.
        Error: what looked like a refusal, inside a transaction, comes from a database that has
            undone all of it, or is away; there is nothing to go on with.
    """
    connection, vendor = connections[using], vendor_of(using)
    if vendor.in_transaction(connection):
        return _operation(using, work)
    with clocked() as clock:
        tries, overtaken = 0, False
        while True:
            tries += 1
            try:
                with one_at_a_time(using, provider_id, tries), vendor.atomic(using):
                    clock.begin(using)
                    clock.indivisible = not vendor.has_savepoints
                    if vendor.is_optimistic:
                        return _optimistically(using, provider_id, work, clock)
                    if not connection.features.has_select_for_update:
                        take_write_lock(using, provider_id)
                    elif not (overtaken and queue(connection)) and (overtaken or clock.alone):
                        hold(using, provider_id)
                    return work()
            except BeginsAgain:
                continue
            except IntegrityError as error:
                # Nobody could catch it inside; now what is taken is seen before it is written.
                if vendor.has_savepoints or clock.committed:
                    raise
                if (column := missing_value_of(error)) is not None:
                    raise NotPrepared.lacks(column) from error
                if not clock.looks_again():
                    raise
                continue
            except Exception as error:
                out_of_sight = isinstance(error, _OutOfSight)
                found = Cause.CONFLICT if out_of_sight else cause_of(error)
                cause = Cause.FAULT if clock.committed else found
                if cause is Cause.OUTAGE:
                    drop_if_broken(connection)
                if cause is not Cause.CONFLICT:
                    refusal = refusal_of(error)
                    if refusal is None:
                        raise
                    raise refusal from error
                pause = random.uniform(PAUSE[0], max(PAUSE[1] / tries, PAUSE[0] * 20))  # noqa: S311 - jitter, no secret
                if not clock.allows(pause):
                    raise Unavailable() from error
                lost = out_of_sight or code_of(error) in vendor.overtaken
                overtaken = tries > 1 and lost
                logger.info("SCIM write of %s tried again (%s)", provider_id, code_of(error))
            finally:
                clock.may_begin_again = clock.indivisible = False
            time.sleep(pause)


def _optimistically(
    using: str, provider_id: str, work: Callable[[], Result], clock: Clock
) -> Result:
    """Run ``work``, and take last what others only need to see that it was taken.

    Whoever is refused until then has written nothing, and is in nobody's way.
    """
    if clock.alone:
        hold_connection(using, provider_id)
    result = work()
    for each in sorted(clock.shared):
        share_connection(using, each)
    return result


def _operation(using: str, work: Callable[[], Result]) -> Result:
    """Run an operation of a transaction that may have several: undone alone, with its own time."""
    clock = running_clock()
    if clock is not None:
        clock.next_operation()
    try:
        with vendor_of(using).atomic(using):
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
                if clock.committed or clock.indivisible:
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
    """Undo the block alone when it raises; without savepoints, all that is under way with it."""
    with vendor_of(using).atomic(using):
        yield


@contextmanager
def never_committed(using: str) -> Iterator[None]:
    """Undo all of the block when it is over, also when it succeeds.

    ``after_commit`` never calls, and ``is_rehearsed`` says so. What code of the project's writes to
    its other databases is undone as well.
    """
    token = rehearsed.set(True)
    try:
        with ExitStack() as undone:
            undone.enter_context(_undone(using))
            if has_one_writer(using):
                # Begun by reading, it could not write once somebody else has.
                take_write_lock(using, "")
            for alias in set(connections) - {using}:
                # To one that does not answer nobody writes.
                with suppress(Error, ImproperlyConfigured):
                    undone.enter_context(_undone(alias))
            yield
    finally:
        rehearsed.reset(token)


@contextmanager
def _undone(alias: str) -> Iterator[None]:
    vendor = vendor_of(alias)
    with suppress(_Undone), vendor.atomic(alias):
        try:
            yield
        finally:
            if vendor.has_savepoints:
                transaction.set_rollback(True, using=alias)
        if not vendor.has_savepoints:
            raise _Undone


def is_rehearsed() -> bool:
    """Tell whether all is undone in any case, so that nothing may have an effect elsewhere."""
    return rehearsed.get()


def be_alone(using: str, provider_id: str) -> None:
    """Keep every other write of the connection away until the transaction ends.

    Its lock comes before all others, so a transaction that finds out late that it needs it begins
    again with it; one of somebody else's, which nobody here can begin again, waits for it now.
    """
    if has_one_writer(using):
        return
    clock = running_clock()
    if clock is None or not clock.may_begin_again:
        hold(using, provider_id)
    elif not clock.alone:
        clock.alone = True
        raise BeginsAgain


def hold_off_writes(using: str, provider_id: str) -> None:
    """Wait for the writes of a connection that are under way, and keep others from beginning.

    It is for who holds no other lock yet, as this one comes first; it holds until the transaction
    ends.
    """
    if not has_one_writer(using):
        hold(using, provider_id)


def after_commit(using: str, call: Callable[[], Any], *, robust: bool = False) -> None:
    """Call once what was written is there to stay; never, where it was undone.

    With ``robust`` an exception of the call is logged, and the calls after it are made.
    """
    transaction.on_commit(call, using=using, robust=robust)
