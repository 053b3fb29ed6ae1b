"""The order of a query: what it sorts by, and which rows come behind a position in it.

Resources without a value come last ascending and first descending (RFC 7644 section 3.4.2.3); ties,
and queries without ``sortBy``, go by key, which is the order of creation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import (
    BigIntegerField,
    F,
    FloatField,
    Model,
    OrderBy,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan

from django_scim_provider.core.stores import Position, Sort
from django_scim_provider.models.moments import as_held, utc
from django_scim_provider.storage.sql.columns.declared import Column, Columns
from django_scim_provider.storage.sql.columns.value_columns import DateColumn, NumberColumn
from django_scim_provider.storage.sql.folded import FoldedValue
from django_scim_provider.storage.sql.indexed.attribute_texts import Beginning, beginning
from django_scim_provider.storage.sql.indexed.cut_columns import CutColumn
from django_scim_provider.storage.sql.reach import Reach, by_index, field_at
from django_scim_provider.storage.sql.vendors import vendor_of


def sort_reach(sort: Sort, columns: Columns, model: type[Model], using: str) -> Reach:
    """Return how far the database looks for the first rows of an order."""
    key = _first_key(sort, columns, using)
    if isinstance(key, FoldedValue):
        return Reach.DOCUMENTS
    if key is None or isinstance(key, Beginning):
        return Reach.MATCHES
    column: Any = key  # the stubs do not know the name of an F
    # Where databases cannot be told where NULL goes, Django sorts by IS NULL first, and no index
    # has that order.
    served = _never_null(model, key)
    served |= connections[using].features.supports_order_by_nulls_modifier
    return max(Reach.MATCHES, by_index(model, column.name)) if served else Reach.ROWS


def _never_null(model: type[Model], column: Any) -> bool:
    return not _field(model, column.name).null


def _field(model: type[Model], path: str) -> Any:
    holder, name = field_at(model, path)
    return holder._meta.get_field(name)


def sort_expression(sort: Sort | None, columns: Columns) -> F | FoldedValue | None:
    """Return what is sorted by before the key; None where the key alone orders."""
    if sort is None:
        return None
    column = columns.columns.get(str(sort.target))
    if column is not None and column.sort is not None:
        return F(column.sort)
    return FoldedValue(sort.target, columns.document)


def is_by_documents(sort: Sort, columns: Columns, using: str) -> bool:
    """Tell whether an order asks for the documents of the connection, by an index of theirs."""
    key = _first_key(sort, columns, using)
    return isinstance(key, F | Beginning) and bool(_beside(key, columns))


def _first_key(sort: Sort, columns: Columns, using: str) -> F | Beginning | FoldedValue | None:
    return _leading(sort, columns, using) or sort_expression(sort, columns)


def _leading(sort: Sort, columns: Columns, using: str) -> F | Beginning | None:
    """Return the beginnings of the texts that are sorted by, as an index has them; None: none has.

    Its index has nearly the order: the database sorts the few that begin alike, as it comes to
    them. One that does not would sort all of them by one key more.
    """
    documents = columns.documents
    if documents is None or not vendor_of(using).sorts_by_beginnings:
        return None
    column = documents.columns.get(str(sort.target))
    if not isinstance(column, CutColumn):
        return beginning(sort.target, columns.document, documents)
    relation = columns.document.rpartition("__")[0]
    return F(f"{relation}__{column.name}")


def ordered(rows: QuerySet[Any], sort: Sort | None, columns: Columns) -> QuerySet[Any]:
    """Return the rows in the order of a query."""
    key = sort_expression(sort, columns)
    if sort is None or key is None:
        return rows.order_by("pk")
    keys = [each for each in (_leading(sort, columns, rows.db), key) if each is not None]
    if isinstance(keys[0], F | Beginning):
        rows = rows.filter(_beside(keys[0], columns))
    if isinstance(key, F) and _never_null(rows.model, key):
        # To say where NULL goes would keep the index away (``sort_reach``).
        return rows.order_by(OrderBy(key, descending=sort.descending), "pk")
    # As it is said of an unassigned value, so of its beginning.
    nulls = {"nulls_first": True} if sort.descending else {"nulls_last": True}
    orders = [OrderBy(each, descending=sort.descending, **nulls) for each in keys]
    return rows.order_by(*orders, "pk")


def _beside(key: Any, columns: Columns) -> Q:
    """Return what lets the index of another table serve an order by one of its columns."""
    is_beside = isinstance(key, Beginning) or "__" in key.name
    return columns.own_document if is_beside else Q()


def behind(after: Position, sort: Sort | None, columns: Columns, model: type[Model]) -> Q:
    """Return the condition that a row comes behind a position in the order of ``ordered``."""
    # Spelled out with OR: ``(a, b) > (x, y)`` knows no NULL, and one direction for both.
    key = sort_expression(sort, columns)
    last = UUID(after.id)
    if sort is None or key is None:
        return Q(pk__gt=last)
    if after.key is None:
        tie = Q(IsNull(key, True)) & Q(pk__gt=last)
        # What has no value comes first descending, so all that have one are behind.
        return tie | Q(IsNull(key, False)) if sort.descending else tie
    value = _typed(after.key, columns.columns.get(str(sort.target)), model)
    tie = Q(Exact(key, value)) & Q(pk__gt=last)
    if sort.descending:
        return tie | Q(LessThan(key, value))
    return tie | Q(GreaterThan(key, value)) | Q(IsNull(key, True))


def _typed(key: str | float, column: Column | None, model: type[Model]) -> Value:
    """Return a position's key as a parameter of the type that the order compares.

    A float beside a column of integers keeps PostgreSQL from using the column's index.
    """
    if isinstance(column, DateColumn):
        field = _field(model, column.sort or column.name)
        return Value(as_held(datetime.fromisoformat(str(key))), output_field=field)
    if isinstance(key, str):
        return Value(key, output_field=TextField())
    if isinstance(column, NumberColumn) and isinstance(key, int):
        return Value(key, output_field=BigIntegerField())
    return Value(key, output_field=FloatField())


def plain_key(value: Any) -> str | int | float | None:
    """Return what was sorted by, of the last row of a page, for a position."""
    return utc(value).isoformat() if isinstance(value, datetime) else value
