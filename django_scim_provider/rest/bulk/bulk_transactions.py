"""What of a bulk request is one transaction: all of it, or each operation.

Where a database can undo a part of a transaction, all operations are in one: a worker that dies
midway leaves nothing. Where it cannot, one that is refused would take all others along, so each is
a transaction of its own, and what was done before a worker died is there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TypeVar

from django.db import Error

from django_scim_provider.core.errors import Unavailable
from django_scim_provider.storage.connection_gate import refuse_closed
from django_scim_provider.storage.events import write_batch
from django_scim_provider.storage.locks import lock_named
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of
from django_scim_provider.storage.store_context import EventBatch, StoreContext
from django_scim_provider.storage.transactions import in_transaction, savepoint, write_aside

Result = TypeVar("Result")


class BulkTransactions:
    """All operations in one transaction, each undone by itself where it fails."""

    shares_runs = True
    """May several operations be done by the same statements?"""

    def __init__(self, context: StoreContext) -> None:
        self.events = EventBatch()
        self.context = replace(context, events=self.events, held_open=True)
        """Of the operations, which hold the connection open and write their events together."""

    def run(self, work: Callable[[], Result]) -> Result:
        """Do the whole request, from its beginning as often as the database asks."""
        return in_transaction(self.context.using, self.context.provider_id, work)

    def begin(self, named: Collection[str]) -> None:
        """Hold the connection open, and lock the resources that operations name.

        Raises:
            Unauthorized: the connection was closed.
        """
        self.events.clear()
        refuse_closed(self.context.using, self.context.provider_id)
        lock_named(self.context, named)

    def operation(self, work: Callable[[], Result], named: Collection[str]) -> Result:
        """Do one operation, all of it or nothing; every call of a store is atomic by itself."""
        with self.events.undone():
            result = work()
        self.events.next_operation()
        return result

    def together(self, work: Callable[[], None]) -> None:
        """Do several operations, all of them or none."""
        with self.events.undone(), savepoint(self.context.using):
            work()

    def after_refusal(self) -> None:
        """Go on after an operation that is undone, whose event is told."""
        self.events.next_operation()

    def end(self) -> None:
        """Write what waits for the end of the request."""
        write_batch(self.context.using, self.events)


class OneByOne(BulkTransactions):
    """Each operation in a transaction of its own, with its events; operations of a circle in one.

    None of them is begun again after it was committed.
    """

    shares_runs = False

    def run(self, work: Callable[[], Result]) -> Result:
        """Do the request; nothing holds it together."""
        return work()

    def begin(self, named: Collection[str]) -> None:
        """Leave it to the operations."""

    def operation(self, work: Callable[[], Result], named: Collection[str]) -> Result:
        """Do one operation in a transaction.

        Raises:
            Unavailable: the database is away; operations before this one are done.
        """

        def whole() -> Result:
            super(OneByOne, self).begin(named)
            result = work()
            write_batch(self.context.using, self.events)
            return result

        try:
            result = self._in_transaction(whole)
        except Error as error:
            if cause_of(error) is Cause.OUTAGE:
                raise Unavailable() from error
            raise
        finally:
            self.events.clear()
        return result

    def together(self, work: Callable[[], None]) -> None:
        """Do several operations in one transaction."""
        self._in_transaction(work)

    def after_refusal(self) -> None:
        """Write the event of an operation that is undone."""
        self.end()

    def end(self) -> None:
        """Write events beside: those of operations are there."""
        using, events = self.context.using, self.events
        write_aside(using, "An event of a SCIM bulk request", partial(write_batch, using, events))
        events.clear()

    def _in_transaction(self, work: Callable[[], Result]) -> Result:
        return in_transaction(self.context.using, self.context.provider_id, work)


def transactions_of(context: StoreContext) -> BulkTransactions:
    """Return what suits the database."""
    return (BulkTransactions if vendor_of(context.using).has_savepoints else OneByOne)(context)
