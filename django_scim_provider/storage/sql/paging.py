"""Pages of a query: by index, and by keyset for cursors; the order is the same for both.

Resources without a value come last ascending and first descending (RFC 7644 section 3.4.2.3); ties,
and queries without ``sortBy``, go by key, which is the order of creation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldError
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

from django_scim_provider.core.stores import Position, Query, Sort
from django_scim_provider.models.moments import as_held, utc
from django_scim_provider.storage.sql.columns.declared import Column, Columns
from django_scim_provider.storage.sql.columns.value_columns import DateColumn, NumberColumn
from django_scim_provider.storage.sql.compiled_pages import (
    NOTHING_TOLD,
    HotRows,
    is_deep,
    is_from_the_start,
    made_page,
)
from django_scim_provider.storage.sql.folded import FoldedValue
from django_scim_provider.storage.sql.indexed.attribute_texts import Beginning, beginning
from django_scim_provider.storage.sql.indexed.cut_columns import CutColumn
from django_scim_provider.storage.sql.indexed.in_place import again_where_dropped
from django_scim_provider.storage.sql.kept_conditions import condition_of
from django_scim_provider.storage.sql.large_pages import FoundPage, ShownText
from django_scim_provider.storage.sql.lookups import reach, to_q
from django_scim_provider.storage.sql.reach import Reach, all_of, by_index, field_at
from django_scim_provider.storage.sql.time_limits import time_limit
from django_scim_provider.storage.sql.vendors import vendor_of

Count = Callable[[], int | None]
"""Counts what a query finds, if the query asks for it."""

_NO_KEY = Value(None, output_field=TextField())


@again_where_dropped
def page(
    rows: QuerySet[Any],
    query: Query,
    columns: Columns,
    hot: HotRows | None = None,
) -> FoundPage:
    """Return one page of the rows that match; ``rows`` are those that the connection sees.

    Long texts are marks yet, and the relation has no values; see ``large_pages.completed``.
    ``hot`` counts everything faster than the ORM.

    Raises:
        TooMany: no index serves the query, and it took longer than ``QUERY_TIME_LIMIT``.
    """
    if is_served(query, columns, rows.model, rows.db):
        return _page(rows, query, columns, hot)
    with time_limit(rows.db):
        return _page(rows, query, columns, hot)


@again_where_dropped
def first_page(query: Query, columns: Columns, hot: HotRows) -> FoundPage | None:
    """Return the page of a filter in the order of creation, from the first row or behind a cursor.

    None for another query, or for one that only ``page`` can answer.

    Raises:
        TooMany: as ``page``.
    """
    if query.filter is None or not is_from_the_start(query):
        return None
    model, using = hot.statements.model, hot.context.using
    try:
        condition = condition_of(query.filter, columns, model, using)
    except FieldError:
        # It joins other tables, for which a compiled statement has no place.
        return None
    if condition is None:
        return made_page([], 0 if query.count_total else None)
    if is_served(query, columns, model, using):
        return hot.matching(query, condition)
    with time_limit(using):
        return hot.matching(query, condition)


def is_served(query: Query, columns: Columns, model: type[Model], using: str) -> bool:
    """Tell whether an index serves the filter and the order of a query.

    Then the work grows with what is found, and with how far behind the page is, as it does for a
    query of everything.
    """
    reaches = [] if query.filter is None else [reach(query.filter, columns, model)]
    if query.sort is not None and query.limit:
        reaches.append(_sort_reach(query.sort, columns, model, using))
    return not reaches or all_of(reaches).is_bounded


def _sort_reach(sort: Sort, columns: Columns, model: type[Model], using: str) -> Reach:
    key = _leading(sort, columns, using) or _sort_expression(sort, columns)
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


def _page(
    rows: QuerySet[Any],
    query: Query,
    columns: Columns,
    hot: HotRows | None,
) -> FoundPage:
    if query.filter is not None:
        rows = rows.filter(to_q(query.filter, columns))

    def count() -> int | None:
        if not query.count_total:
            return None
        return hot.count(hot.only) if hot is not None and query.filter is None else rows.count()

    if query.limit == 0:
        return made_page([], count())
    if query.by_cursor:
        return _cursor_page(rows, query, columns, count)
    return _index_page(rows, query, columns, count)


def _index_page(rows: QuerySet[Any], query: Query, columns: Columns, count: Count) -> FoundPage:
    wanted, end = rows, query.offset + query.limit
    if is_deep(query, rows.db):
        wanted = _late_joined(rows, query, columns)
        found = list(_texts(_ordered(wanted, query.sort, columns), query, columns))
    else:
        ordered = _ordered(rows, query.sort, columns)
        found = list(_texts(ordered, query, columns)[query.offset : end])
    # A page that is not full shows where the results end: no need to count them.
    if len(found) < query.limit and (found or query.offset == 0):
        total: int | None = query.offset + len(found)
    else:
        total = count()
    return made_page(found, total)


def _texts(rows: QuerySet[Any], query: Query, columns: Columns, *more: Any) -> QuerySet[Any, Any]:
    """Select the text of each row, what it tells of related values, and more."""
    related = NOTHING_TOLD if query.skip_members else columns.related
    return rows.values_list(ShownText(), related, *more)


def _late_joined(rows: QuerySet[Any], query: Query, columns: Columns) -> QuerySet[Any]:
    """Return the rows of a deep page: walk the index to its ids, then join only these."""
    ids: Any = _ordered(rows, query.sort, columns).values_list("pk", flat=True)
    ids = ids[query.offset : query.offset + query.limit]
    # MySQL and MariaDB refuse a LIMIT inside of IN (error 1235).
    if not connections[rows.db].features.allow_sliced_subqueries_with_in:
        ids = list(ids)
    # Without a manager: that of a project's model may hide what ``rows`` shows.
    return QuerySet(rows.model, using=rows.db).filter(pk__in=ids)


def _cursor_page(rows: QuerySet[Any], query: Query, columns: Columns, count: Count) -> FoundPage:
    wanted = rows
    if query.after is not None:
        wanted = rows.filter(_behind(query.after, query.sort, columns, rows.model))
    key = _sort_expression(query.sort, columns)
    # A column in any case, so that the rows of all orders have the same shape.
    selected = _texts(_ordered(wanted, query.sort, columns), query, columns, "pk", key or _NO_KEY)
    found = list(selected[: query.limit + 1])
    complete = query.after is None and len(found) <= query.limit
    total = len(found) if complete else count()
    if len(found) <= query.limit:
        return made_page(found, total)
    _, _, last, sort_key = found[query.limit - 1]
    return made_page(found[: query.limit], total, Position(str(last), _plain(sort_key)))


def _sort_expression(sort: Sort | None, columns: Columns) -> F | FoldedValue | None:
    """Return what is sorted by before the key; None where the key alone orders."""
    if sort is None:
        return None
    column = columns.columns.get(str(sort.target))
    if column is not None and column.sort is not None:
        return F(column.sort)
    return FoldedValue(sort.target, columns.document)


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


def _ordered(rows: QuerySet[Any], sort: Sort | None, columns: Columns) -> QuerySet[Any]:
    key = _sort_expression(sort, columns)
    if sort is None or key is None:
        return rows.order_by("pk")
    keys = [each for each in (_leading(sort, columns, rows.db), key) if each is not None]
    if isinstance(keys[0], F | Beginning):
        rows = rows.filter(_beside(keys[0], columns))
    if isinstance(key, F) and _never_null(rows.model, key):
        # To say where NULL goes would keep the index away (``_sort_reach``).
        return rows.order_by(OrderBy(key, descending=sort.descending), "pk")
    # As it is said of an unassigned value, so of its beginning.
    nulls = {"nulls_first": True} if sort.descending else {"nulls_last": True}
    orders = [OrderBy(each, descending=sort.descending, **nulls) for each in keys]
    return rows.order_by(*orders, "pk")


def _beside(key: Any, columns: Columns) -> Q:
    """Return what lets the index of another table serve an order by one of its columns."""
    is_beside = isinstance(key, Beginning) or "__" in key.name
    return columns.own_document if is_beside else Q()


def _behind(after: Position, sort: Sort | None, columns: Columns, model: type[Model]) -> Q:
    """Return the condition that a row comes behind a position in the order of ``_ordered``."""
    # Spelled out with OR: ``(a, b) > (x, y)`` knows no NULL, and one direction for both.
    key = _sort_expression(sort, columns)
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


def _plain(value: Any) -> str | int | float | None:
    return utc(value).isoformat() if isinstance(value, datetime) else value
