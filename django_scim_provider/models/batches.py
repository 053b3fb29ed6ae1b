"""Rows in batches by their keys: each is a statement of its own that goes on behind the last row.

A cursor on the server would be one statement, but poolers of connections break it outside of a
transaction, drivers of MySQL and MariaDB read its whole result at once, and a transaction that
lasts as long as the work keeps others waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

BATCH = 500

Row = TypeVar("Row", bound=Model)


def in_batches(rows: QuerySet[Row, Row], size: int = BATCH) -> Iterator[list[Row]]:
    """Yield the rows in the order of their primary keys, so many at a time."""
    ordered = rows.order_by("pk")
    found = list(ordered[:size])
    while found:
        yield found
        last = found[-1].pk
        found = list(ordered.filter(pk__gt=last)[:size]) if len(found) == size else []


def next_keys(rows: QuerySet[Any], column: str, after: Any, size: int) -> list[Any]:
    """Return the values of a column that follow one, None for the first, in order."""
    if after is not None:
        rows = rows.filter(**{f"{column}__gt": after})
    return list(rows.order_by(column).values_list(column, flat=True)[:size])
