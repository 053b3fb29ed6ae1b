"""Pages of long lists, each beginning behind the last row of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some rows, and how to ask for those behind them."""

    rows: Sequence[Any]
    next_query: str
    """The query of the next page, without question mark; empty on the last one."""


def page_behind(
    rows: QuerySet[Any], column: str, after: str, *, asked: dict[str, str], size: int = PAGE_SIZE
) -> KeyPage:
    """Return the rows behind one of them, whose key is ``after``, by a column and the key.

    The address names a key and no value of the column, which may be somebody's name.
    """
    key = _uuid(after)
    marks = list(rows.filter(pk=key).values_list(column, flat=True)) if key is not None else []
    for mark in marks:
        behind = Q(**{f"{column}__gt": mark}) | Q(pk__gt=key)
        rows = rows.filter(behind, **{f"{column}__gte": mark})
    found = list(rows.order_by(column, "pk")[: size + 1])
    query = ""
    if len(found) > size:
        found = found[:size]
        kept = {name: text for name, text in asked.items() if text}
        query = urlencode({**kept, "after": found[-1].pk})
    return KeyPage(found, query)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def asked_text(value: str | None, *, most: int = 256) -> str:
    """Return a text of an address as the database takes it: without NUL, and cut."""
    return (value or "").replace("\x00", "")[:most]
