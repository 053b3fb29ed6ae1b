"""Rows by what clients call them: their SCIM ids, which are their keys' texts unless imported."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet, Subquery

from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.core.validation.scim_ids import may_be_id, refuse_unfit_id
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.sql.vendors import vendor_of

M = TypeVar("M", bound=Model)


def with_id(rows: QuerySet[M, Any], id: str) -> QuerySet[M, Any]:
    """Return the row with that id among the rows of a connection, or none."""
    return rows.filter(scim_id=id) if may_be_id(id) else rows.none()


def to_lock(rows: QuerySet[M, Any], id: str) -> QuerySet[M, Any]:
    """Return the same row as ``with_id``, found by its key.

    MariaDB locks the entry of the index that it goes by, and then the row. Whoever has locked the
    row by its key and deletes it needs that entry: both would wait for each other.
    """
    if not may_be_id(id):
        return rows.none()
    if vendor_of(rows.db).orm_only:
        return rows.filter(
            pk__in=list(rows.order_by().filter(scim_id=id).values_list("pk", flat=True))
        )
    # Sliced, though an id finds one row: from Django 6.0 on an exact look-up refuses what is not.
    return rows.filter(pk=Subquery(rows.order_by().filter(scim_id=id).values("pk")[:1]))


def keys_of(rows: QuerySet[Any, Any], ids: Collection[str]) -> dict[str, UUID]:
    """Return the keys of the rows of a connection with these ids, in one statement."""
    wanted = [id for id in ids if may_be_id(id)]
    if not wanted:
        return {}
    found = rows.order_by().filter(among_texts(rows.db, "scim_id", wanted))
    return dict(found.values_list("scim_id", "pk"))


def id_for(key: UUID, imported: str | None, *taken: QuerySet[Any, Any]) -> str:
    """Return the id of a new row: the text of its key, or the one that it brings along.

    Raises:
        InvalidValue: an imported id is none that a resource may have.
        Uniqueness: one of the rows has it.
    """
    if imported is None:
        return str(key)
    refuse_unfit_id(imported)
    if any(rows.filter(scim_id=imported).exists() for rows in taken):
        raise Uniqueness(f"The id {imported[:64]!r} is already in use.")
    return imported
