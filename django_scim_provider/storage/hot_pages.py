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

from django.core.signals import setting_changed
from django.db.models import CharField, Model, QuerySet, UUIDField

from django_scim_provider.core.filters import BoundComparison
from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Page, Position, Query, StoreContext
from django_scim_provider.models import LinkedAccount
from django_scim_provider.statements import Select, count_where
from django_scim_provider.storage.columns import Columns, TextColumn
from django_scim_provider.storage.visibility import visible

_PROVIDER, _VALUE = "<provider>", "<value>"
_KEY = UUID("00000000-0000-7000-8000-000000000001")


def hot_page(
    rows: QuerySet[Any], context: StoreContext, query: Query, columns: Columns
) -> Page | None:
    """Return the page of a hot query, or None for any other."""
    if query.sort is not None or query.offset or not query.limit:
        return None
    if query.filter is None:
        return _everything(rows, context, query, columns)
    return _one_value(rows, context, query, columns)


def _one_value(
    rows: QuerySet[Any], context: StoreContext, query: Query, columns: Columns
) -> Page | None:
    wanted = query.filter
    if query.by_cursor or not isinstance(wanted, BoundComparison) or wanted.op != "eq":
        return None
    column = columns.columns.get(str(wanted.target))
    if not isinstance(column, TextColumn):
        return None
    model, organization_id = _model(rows), _organization(rows, context)
    statement = _value_statement(model, columns, column.name, query.limit, organization_id)
    found = statement.rows(rows.db, context.provider_id, wanted.value)
    # A full page may not be all there is: let the general way count.
    return made_page(found, len(found)) if len(found) < query.limit else None


def _everything(
    rows: QuerySet[Any], context: StoreContext, query: Query, columns: Columns
) -> Page | None:
    limit, provider_id = query.limit + 1, context.provider_id
    model, organization_id = _model(rows), _organization(rows, context)
    if query.after is None:
        first = _first_statement(model, columns, limit, organization_id)
        found = first.rows(rows.db, provider_id)
    else:
        statement = _next_statement(model, columns, limit, organization_id)
        found = statement.rows(rows.db, provider_id, UUID(query.after.id))
    shown = found[: query.limit]
    total = None
    if query.count_total:
        total = len(found)
        if len(found) > query.limit or query.after is not None:
            total = count_all(rows, context)
    following = None
    if query.by_cursor and len(found) > query.limit:
        following = Position(id_of(shown[-1][0]))
    return made_page(shown, total, following)


def count_all(rows: QuerySet[Any], context: StoreContext) -> int:
    """Return how many rows a connection sees."""
    if _organization(rows, context) is not None:
        return rows.count()
    return count_where(_model(rows), rows.db, "provider", context.provider_id)


def _model(rows: QuerySet[Any]) -> type[Model]:
    model: type[Model] = rows.model
    return model


def _organization(rows: QuerySet[Any], context: StoreContext) -> str | None:
    """Return the organization whose members alone are seen; groups are seen by all."""
    return context.organization_id if rows.model is LinkedAccount else None


def _of(
    model: type[Model], using: str, organization_id: str | None, **conditions: Any
) -> QuerySet[Any, Any]:
    rows = model._default_manager.using(using).filter(**conditions)
    return visible(rows, using, organization_id).order_by("pk")


def made_page(found: Sequence[Any], total: int | None, following: Position | None = None) -> Page:
    """Return a page from rows of a text and whether it has related values."""
    return Page([row[0] for row in found], total, following, any(row[1] for row in found))


@lru_cache(maxsize=256)
def _value_statement(
    model: type[Model], columns: Columns, name: str, limit: int, organization_id: str | None
) -> Select:
    def build(using: str, provider_id: str, value: str) -> QuerySet[Any, Any]:
        rows = _of(model, using, organization_id, provider_id=provider_id, **{name: value})
        return rows.values_list("resource", columns.related)[:limit]

    return Select(build, fields=(CharField(), CharField()), stand_ins=(_PROVIDER, _VALUE))


@lru_cache(maxsize=64)
def _first_statement(
    model: type[Model], columns: Columns, limit: int, organization_id: str | None
) -> Select:
    def build(using: str, provider_id: str) -> QuerySet[Any, Any]:
        rows = _of(model, using, organization_id, provider_id=provider_id)
        return rows.values_list("resource", columns.related)[:limit]

    return Select(build, fields=(CharField(),), stand_ins=(_PROVIDER,))


@lru_cache(maxsize=64)
def _next_statement(
    model: type[Model], columns: Columns, limit: int, organization_id: str | None
) -> Select:
    def build(using: str, provider_id: str, key: UUID) -> QuerySet[Any, Any]:
        rows = _of(model, using, organization_id, provider_id=provider_id, pk__gt=key)
        return rows.values_list("resource", columns.related)[:limit]

    return Select(build, fields=(CharField(), UUIDField()), stand_ins=(_PROVIDER, _KEY))


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "SCIM_PROVIDER":
        for statement in (_value_statement, _first_statement, _next_statement):
            statement.cache_clear()


setting_changed.connect(_forget, dispatch_uid="django_scim_provider.hot_pages")
