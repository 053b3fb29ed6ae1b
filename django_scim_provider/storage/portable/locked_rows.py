"""The rows of a write, locked where the database has locks: what it read decides in any case.

Without locks the write itself finds out (``by_orm.update_row``) whether somebody else was there.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import locked
from django_scim_provider.storage.transactions.connection_locks import share


def refuse_closed(using: str, provider_id: str) -> None:
    """Hold a connection open until the transaction ends.

    Raises:
        Unauthorized: it is closed.
    """
    rows: QuerySet[Any, Any] = ProviderConnection.objects.using(using).filter(
        provider_id=provider_id
    )
    if vendor_of(using).is_optimistic:
        share(using, provider_id)
    else:
        rows = locked(rows)
    found = rows.values_list("enabled", "decommissioned_at").first()
    if found is None or not found[0] or found[1] is not None:
        raise Unauthorized()


def own_row(rows: QuerySet[Any, Any], id: str, columns: tuple[str, ...]) -> Any:
    """Return the columns of the row with that id, as it is once it is locked; None for nobody."""
    key = rows.filter(scim_id=id).order_by().values_list("pk", flat=True).first()
    return None if key is None else row_of(rows, key, columns)


def row_of(
    rows: QuerySet[Any, Any], key: UUID, columns: tuple[str, ...], sight: Sight | None = None
) -> Any:
    """Return the columns of the row with that key, as it is once it is locked; None for nobody.

    ``sight`` is of accounts; None: there is nothing that the connection does not see.
    """
    found = rows.model._default_manager.using(rows.db).filter(pk=key).order_by()
    if not vendor_of(rows.db).is_optimistic:
        found = locked(found)
    if sight is None:
        return found.values_list(*columns).first()
    return next(iter(sight.rows(found, *columns)), None)
