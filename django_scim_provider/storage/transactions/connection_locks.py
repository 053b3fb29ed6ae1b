"""The lock of a connection, which comes before all others, as each database has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.operation_clock import running_clock
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions.row_turns import (
    hold_connection,
    locked,
    share_connection,
)

FEW = 3
_trying: dict[tuple[str, str], Lock] = {}
"""By alias and connection."""


def has_one_writer(using: str) -> bool:
    """Tell whether who writes holds the only lock of the database, as on SQLite."""
    features = connections[using].features
    return not (features.has_select_for_update or vendor_of(using).is_optimistic)


def queue(connection: BaseDatabaseWrapper) -> bool:
    """Wait until no other transaction writes, in the order of those that wait.

    False where the database has no such queue, and who holds a row sees what was written before.
    """
    table = connection.ops.quote_name(ProviderConnection._meta.db_table)
    waits = vendor_of(connection).turn_sql(table)
    if waits is not None:
        with connection.cursor() as cursor:
            cursor.execute(waits)
    return waits is not None


def share(using: str, provider_id: str) -> None:
    """Keep everybody from having the connection to themselves until the transaction ends."""
    clock = running_clock()
    if clock is not None and clock.may_begin_again:
        clock.shared.add(provider_id)  # at its end; see ``in_transaction``
    else:
        share_connection(using, provider_id)


@contextmanager
def one_at_a_time(using: str, provider_id: str, tries: int) -> Iterator[None]:
    """Keep others of the process from a connection while somebody tries for the third time.

    It is for databases where nobody waits: many who write the same would begin again for ever.
    """
    if tries < FEW or not vendor_of(using).is_optimistic:
        yield
        return
    with _trying.setdefault((using, provider_id), Lock()):
        yield


def hold(using: str, provider_id: str) -> None:
    """Wait until nobody else writes through a connection, and keep them off."""
    if vendor_of(using).is_optimistic:
        hold_connection(using, provider_id)
        return
    rows = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
    list(locked(rows).values_list("pk"))


def take_write_lock(using: str, provider_id: str) -> None:
    """Have a transaction begin with a write, where there is one writer at a time."""
    connection = connections[using]
    if not vendor_of(connection).holds_write_lock(connection):
        rows = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
        rows.update(provider_id=provider_id)
