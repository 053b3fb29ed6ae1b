"""The gate of writes: none is committed once the decommissioning of its connection is over.

Each write holds a shared lock on the row of its connection and reads there whether it is open.
Closing the connection updates the row, and so waits for the writes that are under way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.models import ProviderConnection, RoleMapping
from django_scim_provider.storage.portable import locked_rows
from django_scim_provider.storage.sql.running import fetch_one
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import has_one_writer


def open_sql(connection: BaseDatabaseWrapper, *, lock: str | None = None) -> str:
    """Return the SELECT, by provider id, of what ``is_open_sql`` says of a connection.

    ``lock`` stands in the place of the share lock that waits for whoever has another one.
    """
    table = connection.ops.quote_name(ProviderConnection._meta.db_table)
    lock = vendor_of(connection).share_lock if lock is None else lock
    return (
        f"SELECT {is_open_sql(connection, table)} FROM {table} "  # noqa: S608 - names of the model
        f"WHERE {_column(connection, 'provider_id')} = %s{lock}"
    )


def is_open_sql(connection: BaseDatabaseWrapper, alias: str) -> str:
    """Return what is 0 for a row of a closed connection, and else 1.

    Where who writes holds the only write lock (``knows_with_the_lock``), it is 2 for a connection
    that has mappings which look at people themselves.
    """
    enabled, decommissioned = (
        f"{alias}.{_column(connection, name)}" for name in ("enabled", "decommissioned_at")
    )
    opened = "1"
    if knows_with_the_lock(connection):
        looks = looks_at_people_sql(connection, f"{alias}.{_column(connection, 'provider_id')}")
        opened = f"CASE WHEN {looks} THEN 2 ELSE 1 END"
    return f"CASE WHEN {enabled} AND {decommissioned} IS NULL THEN {opened} ELSE 0 END"


def knows_with_the_lock(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether what is read with the lock of a write stays so until the write is done.

    Elsewhere the statement may have waited for the lock, and shows of other tables what was there
    before; what decides a write is asked behind it.
    """
    return has_one_writer(connection.alias) and not vendor_of(connection).orm_only


def looks_at_people_sql(connection: BaseDatabaseWrapper, provider_id: str) -> str:
    """Return the condition that a connection has mappings that look at people themselves."""
    quote, kinds = connection.ops.quote_name, RoleMapping.OF_PEOPLE
    table = quote(RoleMapping._meta.db_table)
    listed = ", ".join(f"'{kind.value}'" for kind in kinds)
    return (
        f"EXISTS (SELECT 1 FROM {table} m WHERE m.{quote('provider_id')} = {provider_id} "  # noqa: S608 - names of the model
        f"AND m.{quote('match_by')} IN ({listed}))"
    )


def _column(connection: BaseDatabaseWrapper, name: str) -> str:
    field: Any = ProviderConnection._meta.get_field(name)
    return connection.ops.quote_name(str(field.column))


def hold_open(context: StoreContext) -> None:
    """Hold the connection of a store open until the transaction ends, once in a transaction.

    Raises:
        Unauthorized: it was closed after the token had been verified.
    """
    if not context.held_open:
        refuse_closed(context.using, context.provider_id)


def write_if_open(context: StoreContext, writes: Writes) -> None:
    """Write what waits, and hold the connection open until the transaction ends.

    By one statement where the vendor joins them, and checks last whether there is what new rows
    refer to. In whatever order its parts run, the connection is locked and seen to be open when it
    ends, or all of it is undone. So the parts may be new rows alone, for which nobody waits who has
    the lock.

    Raises:
        Unauthorized: it was closed after the token had been verified.
    """
    one_by_one = vendor_of(context.using).orm_only
    one_by_one |= not connections[context.using].features.can_defer_constraint_checks
    if context.held_open or one_by_one:
        hold_open(context)
        writes.run()
        return
    (is_open,) = writes.run((f"({_open_sql(context.using)})", [context.provider_id]))
    if not is_open:
        raise Unauthorized()


def refuse_closed(using: str, provider_id: str) -> None:
    """Hold the connection open until the transaction ends.

    Raises:
        Unauthorized: it was closed after the token had been verified.
    """
    if vendor_of(using).orm_only:
        locked_rows.refuse_closed(using, provider_id)
        return
    row = fetch_one(using, _open_sql(using), [provider_id])
    if row is None or not row[0]:
        raise Unauthorized()


@lru_cache(maxsize=16)
def _open_sql(using: str) -> str:
    return open_sql(connections[using])
