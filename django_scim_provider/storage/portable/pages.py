"""Pages of a query by the ORM alone, in the order and with the cursors of ``storage.sql.paging``.

What columns answer the database counts and cuts. For all else the keys of the matches are found
first (``scanning``), and the texts of the page are read by these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import nsmallest
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateTimeField, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan

from django_scim_provider.core.stores import Position, Query
from django_scim_provider.models.moments import as_held
from django_scim_provider.storage.portable.narrowing import Narrowed
from django_scim_provider.storage.portable.scanning import Listing, Scan
from django_scim_provider.storage.portable.sorting import Order, plain
from django_scim_provider.storage.sql.large_pages import MAX_SHORT, FoundPage, shown_text
from django_scim_provider.storage.sql.statements.by_orm import BATCH, batched

_LENGTH = Length("resource")
_TEXT = Case(
    When(GreaterThan(_LENGTH, MAX_SHORT), then=Value("")),
    default=F("resource"),
    output_field=TextField(),
)
"""The text, unless it is long: then it is not even sent."""


def page(listing: Listing, query: Query) -> FoundPage:
    """Return one page of the rows that match.

    Raises:
        TooMany: the search took longer than ``QUERY_TIME_LIMIT``.
    """
    narrowed = Narrowed(exact=True)
    if query.filter is not None:
        narrowed = listing.narrowing.of(query.filter)
    scan = Scan(listing, narrowed, None if narrowed.exact else query.filter, query.sort)
    few = narrowed.keys is None or len(narrowed.keys) <= BATCH
    if listing.shows_all and narrowed.exact and few and _is_ordered(listing, scan):
        return _ByDatabase(listing, narrowed, query, scan.sort_column).page()
    return _by_looking(listing, query, scan)


def _is_ordered(listing: Listing, scan: Scan) -> bool:
    """Tell whether the database has the order, wherever it puts NULL."""
    if scan.sort is None:
        return True
    column = scan.sort_column
    return column is not None and not listing.rows.model._meta.get_field(column).null


class _ByDatabase:
    """A page of rows that one condition finds."""

    def __init__(
        self, listing: Listing, narrowed: Narrowed, query: Query, column: str | None
    ) -> None:
        self.rows = listing.rows.filter(narrowed.condition)
        if narrowed.keys is not None:
            self.rows = self.rows.filter(pk__in=narrowed.keys)
        self.query = query
        self.column = column
        self.descending = query.sort is not None and query.sort.descending

    def page(self) -> FoundPage:
        query = self.query
        if query.limit == 0:
            return _made((), self._count(), query)
        if not query.by_cursor:
            found = self._read(self.rows, query.offset, query.offset + query.limit)
            # A page that is not full shows where the results end.
            is_last = len(found) < query.limit and (found or not query.offset)
            total = query.offset + len(found) if is_last else self._count()
            return _made([row[:2] for row in found], total, query)
        rows = self.rows if query.after is None else self.rows.filter(self._behind(query.after))
        found = self._read(rows, 0, query.limit + 1)
        complete = query.after is None and len(found) <= query.limit
        total = len(found) if complete else self._count()
        position = None
        if len(found) > query.limit:
            key, _, *value = found[query.limit - 1]
            position = Position(str(key), plain(value[0]) if value else None)
        return _made([row[:2] for row in found[: query.limit]], total, query, position)

    def _count(self) -> int | None:
        """Count them, in a group: count() is no part of MongoDB's transactions, as of a replay."""
        if not self.query.count_total:
            return None
        rows = self.rows.order_by().values("provider_id").annotate(number=Count("pk"))
        return sum(int(number) for number in rows.values_list("number", flat=True))

    def _read(self, rows: QuerySet[Any, Any], start: int, end: int) -> list[Any]:
        order = [f"{'-' if self.descending else ''}{self.column}"] if self.column else []
        more = [self.column] if self.column else []
        told = rows.order_by(*order, "pk").values_list("pk", _TEXT, _LENGTH, *more)[start:end]
        return [
            (key, _text_or_mark(key, text, length), *values) for key, text, length, *values in told
        ]

    def _behind(self, after: Position) -> Q:
        key = UUID(after.id)
        if self.column is None:
            return Q(pk__gt=key)
        value: Any = after.key
        if isinstance(self.rows.model._meta.get_field(self.column), DateTimeField):
            value = as_held(datetime.fromisoformat(str(value)))
        further = f"{self.column}__{'lt' if self.descending else 'gt'}"
        return Q(**{further: value}) | Q(**{self.column: value, "pk__gt": key})


def _by_looking(listing: Listing, query: Query, scan: Scan) -> FoundPage:
    """Find the keys of the page in Python; no more is held than the page and what precedes it."""
    counts, behind = query.count_total, None
    if query.sort is None and query.after is not None and not counts:
        behind = UUID(query.after.id)
    found = _Counted(scan.found(behind))
    if query.limit == 0:
        return _made((), found.all() if counts else None, query)
    order = Order(query.sort is not None and query.sort.descending)
    column = scan.sort_column
    is_moment = column is not None and isinstance(
        listing.rows.model._meta.get_field(column), DateTimeField
    )
    wanted: Iterable[Any] = ((order.place(value, key), key, value) for key, value in found)
    if query.after is not None:
        last = order.place_of(query.after, is_moment=is_moment)
        wanted = (each for each in wanted if each[0] > last)
    end = query.offset + query.limit + 1
    first = islice(wanted, end) if query.sort is None else nsmallest(end, wanted, key=_place)
    taken = list(first)
    shown = taken[query.offset : end - 1]
    position = None
    if query.by_cursor and len(taken) == end:
        _, key, value = shown[-1]
        position = Position(str(key), plain(value))
    texts = _texts(listing.rows, [key for _, key, _ in shown])
    # Where the page shows the end, nothing is left to be counted.
    counts = counts or (query.after is None and len(taken) < end)
    return _made(texts, found.all() if counts else None, query, position)


def _place(found: Sequence[Any]) -> Any:
    return found[0]


class _Counted:
    """Counts what one goes through."""

    def __init__(self, found: Iterator[tuple[UUID, Any]]) -> None:
        self.found = found
        self.number = 0

    def __iter__(self) -> Iterator[tuple[UUID, Any]]:
        for each in self.found:
            self.number += 1
            yield each

    def all(self) -> int:
        """Go on to the end, and return how many there are."""
        for _ in self:
            pass
        return self.number


def _texts(rows: QuerySet[Any, Any], keys: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return keys with their texts and marks, in this order, without those that are gone."""
    held: dict[UUID, str] = {}
    for some in batched(keys):
        told = rows.filter(pk__in=some).order_by().values_list("pk", _TEXT, _LENGTH)
        held |= {key: _text_or_mark(key, text, length) for key, text, length in told}
    return [(key, held[key]) for key in keys if key in held]


def _text_or_mark(key: UUID, text: str, length: int) -> str:
    # Characters are counted: what has few of them may still be long.
    return shown_text(text, key) if text else f"{length}:{key}"


def _made(
    rows: Sequence[tuple[UUID, str]],
    total: int | None,
    query: Query,
    following: Position | None = None,
) -> FoundPage:
    """Return a page that tells of each row its key, by which the relation is read."""
    told = [False if query.skip_members else key for key, _ in rows]
    return FoundPage([text for _, text in rows], told, total, following)
