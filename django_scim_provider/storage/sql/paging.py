"""Pages of a query: by index, and by keyset for cursors; the order is the same for both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import FieldError
from django.db import connections
from django.db.models import Model, Q, QuerySet, TextField, Value

from django_scim_provider.core.filters.expressions import BoundFilter
from django_scim_provider.core.stores import Position, Query
from django_scim_provider.storage.sql.columns.declared import Columns
from django_scim_provider.storage.sql.compiled_pages import (
    NOTHING_TOLD,
    HotRows,
    is_deep,
    is_from_the_start,
    made_page,
)
from django_scim_provider.storage.sql.indexed.in_place import again_where_dropped
from django_scim_provider.storage.sql.large_pages import FoundPage, ShownText
from django_scim_provider.storage.sql.ordering import (
    behind,
    is_by_documents,
    ordered,
    plain_key,
    sort_expression,
    sort_reach,
)
from django_scim_provider.storage.sql.reach import all_of
from django_scim_provider.storage.sql.searching.kept_conditions import condition_of
from django_scim_provider.storage.sql.searching.leading import leading_terms
from django_scim_provider.storage.sql.searching.lookups import reach, to_q
from django_scim_provider.storage.sql.time_limits import time_limit

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
    ``hot``, the same rows, counts everything faster than the ORM.

    Raises:
        TooMany: no index serves the query, and it took longer than ``QUERY_TIME_LIMIT``.
    """
    leading, by_order = _leading(query, columns, rows.model, rows.db)
    wanted = None if query.filter is None else to_q(query.filter, columns, leading)
    led, counted = rows, rows
    if hot is not None and (leading or by_order):
        led = hot.by_key()
        # Nothing is ordered to be counted.
        counted = rows if by_order else led
    if wanted is not None:
        led, counted = led.filter(wanted), counted.filter(wanted)
    if leading is not None and not by_order:
        columns = replace(columns, own_document=Q())

    def count() -> int | None:
        if not query.count_total:
            return None
        return hot.count(hot.only) if hot is not None and wanted is None else counted.count()

    if is_served(query, columns, rows.model, rows.db):
        return _page(led, query, columns, count)
    with time_limit(rows.db):
        return _page(led, query, columns, count)


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
        found = condition_of(query.filter, columns, model, using)
    except FieldError:
        # It joins other tables, for which a compiled statement has no place.
        return None
    if found is None:
        return made_page([], 0 if query.count_total else None)
    condition, led = found
    if is_served(query, columns, model, using):
        return hot.matching(query, condition, led=led)
    with time_limit(using):
        return hot.matching(query, condition, led=led)


def _leading(
    query: Query, columns: Columns, model: type[Model], using: str
) -> tuple[Sequence[BoundFilter] | None, bool]:
    """Return the terms that lead, as ``leading_terms`` does, and whether the order does instead.

    An order by documents leads unless an index finds what is to be ordered.
    """
    wanted, sort = query.filter, query.sort
    leading = () if wanted is None else leading_terms(wanted, columns, model, using)
    if sort is None or leading is None or not is_by_documents(sort, columns, using):
        return leading, False
    if wanted is not None and reach(wanted, columns, model).is_bounded:
        return leading, False
    return (), True


def is_served(query: Query, columns: Columns, model: type[Model], using: str) -> bool:
    """Tell whether an index serves the filter and the order of a query.

    Then the work grows with what is found, and with how far behind the page is, as it does for a
    query of everything.
    """
    reaches = [] if query.filter is None else [reach(query.filter, columns, model)]
    if query.sort is not None and query.limit:
        reaches.append(sort_reach(query.sort, columns, model, using))
    return not reaches or all_of(reaches).is_bounded


def _page(
    rows: QuerySet[Any],
    query: Query,
    columns: Columns,
    count: Count,
) -> FoundPage:
    if query.limit == 0:
        return made_page([], count())
    if query.by_cursor:
        return _cursor_page(rows, query, columns, count)
    return _index_page(rows, query, columns, count)


def _index_page(rows: QuerySet[Any], query: Query, columns: Columns, count: Count) -> FoundPage:
    wanted, end = rows, query.offset + query.limit
    if is_deep(query, rows.db):
        wanted = _late_joined(rows, query, columns)
        by_key = replace(columns, own_document=Q())
        found = list(_texts(ordered(wanted, query.sort, by_key), query, columns))
    else:
        in_order = ordered(rows, query.sort, columns)
        found = list(_texts(in_order, query, columns)[query.offset : end])
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
    ids: Any = ordered(rows, query.sort, columns).values_list("pk", flat=True)
    ids = ids[query.offset : query.offset + query.limit]
    # MySQL and MariaDB refuse a LIMIT inside of IN (error 1235).
    if not connections[rows.db].features.allow_sliced_subqueries_with_in:
        ids = list(ids)
    # Without a manager: that of a project's model may hide what ``rows`` shows.
    return QuerySet(rows.model, using=rows.db).filter(pk__in=ids)


def _cursor_page(rows: QuerySet[Any], query: Query, columns: Columns, count: Count) -> FoundPage:
    wanted = rows
    if query.after is not None:
        wanted = rows.filter(behind(query.after, query.sort, columns, rows.model))
    key = sort_expression(query.sort, columns)
    # A column in any case, so that the rows of all orders have the same shape.
    selected = _texts(ordered(wanted, query.sort, columns), query, columns, "pk", key or _NO_KEY)
    found = list(selected[: query.limit + 1])
    complete = query.after is None and len(found) <= query.limit
    total = len(found) if complete else count()
    if len(found) <= query.limit:
        return made_page(found, total)
    _, _, last, sort_key = found[query.limit - 1]
    return made_page(found[: query.limit], total, Position(str(last), plain_key(sort_key)))
