"""The list requests that identity providers repeat all day, as statements compiled once.

These are: one exact value of an indexed column (``userName eq``, ``externalId eq``), the first
page of
everything, and the next page by a cursor. All other queries go the general way of ``paging``; the
answers are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import CharField, Model, QuerySet, UUIDField

from django_scim_provider.core.filters import BoundComparison
from django_scim_provider.core.stores import Page, Position, Query
from django_scim_provider.statements import Select, count_where
from django_scim_provider.storage.columns import Columns, TextColumn

_PROVIDER, _VALUE = "<provider>", "<value>"
_KEY = UUID("00000000-0000-7000-8000-000000000001")


def hot_page(rows: QuerySet[Any], provider_id: str, query: Query, columns: Columns) -> Page | None:
    """Return the page of a hot query, or None for any other."""
    if query.sort is not None or query.offset or not query.limit:
        return None
    if query.filter is None:
        return _everything(rows, provider_id, query, columns)
    return _one_value(rows, provider_id, query, columns)


def _one_value(
    rows: QuerySet[Any], provider_id: str, query: Query, columns: Columns
) -> Page | None:
    wanted = query.filter
    if query.by_cursor or not isinstance(wanted, BoundComparison) or wanted.op != "eq":
        return None
    column = columns.columns.get(str(wanted.target))
    if not isinstance(column, TextColumn):
        return None
    statement = _value_statement(_model(rows), columns, column.name, query.limit)
    found = statement.rows(rows.db, provider_id, wanted.value)
    # A full page may not be all there is: let the general way count.
    return made_page(found, len(found)) if len(found) < query.limit else None


def _everything(
    rows: QuerySet[Any], provider_id: str, query: Query, columns: Columns
) -> Page | None:
    limit = query.limit + 1
    if query.after is None:
        found = _first_statement(_model(rows), columns, limit).rows(rows.db, provider_id)
    else:
        statement = _next_statement(_model(rows), columns, limit)
        found = statement.rows(rows.db, provider_id, UUID(query.after.id))
    shown = found[: query.limit]
    total = None
    if query.count_total:
        total = len(found)
        if len(found) > query.limit or query.after is not None:
            total = count_all(rows, provider_id)
    following = None
    if query.by_cursor and len(found) > query.limit:
        following = Position(shown[-1][0][7:43])
    return made_page(shown, total, following)


def count_all(rows: QuerySet[Any], provider_id: str) -> int:
    """Return how many rows a connection has."""
    return count_where(_model(rows), rows.db, "provider", provider_id)


def _model(rows: QuerySet[Any]) -> type[Model]:
    model: type[Model] = rows.model
    return model


def made_page(found: Sequence[Any], total: int | None, following: Position | None = None) -> Page:
    """Return a page from rows of a text and whether it has related values."""
    return Page([row[0] for row in found], total, following, any(row[1] for row in found))


@lru_cache(maxsize=256)
def _value_statement(model: type[Model], columns: Columns, name: str, limit: int) -> Select:
    def build(using: str, provider_id: str, value: str) -> QuerySet[Any, Any]:
        rows = model._default_manager.using(using).filter(provider_id=provider_id, **{name: value})
        return rows.order_by("pk").values_list("resource", columns.related)[:limit]

    return Select(build, fields=(CharField(), CharField()), stand_ins=(_PROVIDER, _VALUE))


@lru_cache(maxsize=64)
def _first_statement(model: type[Model], columns: Columns, limit: int) -> Select:
    def build(using: str, provider_id: str) -> QuerySet[Any, Any]:
        rows = model._default_manager.using(using).filter(provider_id=provider_id)
        return rows.order_by("pk").values_list("resource", columns.related)[:limit]

    return Select(build, fields=(CharField(),), stand_ins=(_PROVIDER,))


@lru_cache(maxsize=64)
def _next_statement(model: type[Model], columns: Columns, limit: int) -> Select:
    def build(using: str, provider_id: str, key: UUID) -> QuerySet[Any, Any]:
        rows = model._default_manager.using(using).filter(provider_id=provider_id, pk__gt=key)
        return rows.order_by("pk").values_list("resource", columns.related)[:limit]

    return Select(build, fields=(CharField(), UUIDField()), stand_ins=(_PROVIDER, _KEY))
