"""Numbers as people read them: with the separators of their language, and of many not exactly."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format

MOST = 10_000
"""Rows that are counted at most, so that a count costs the same for any number."""


def whole(number: int) -> str:
    """Return a number with the separators of the active language."""
    return str(number_format(number, use_l10n=True, force_grouping=True))


def whole_up_to_most(number: int) -> str:
    """Return a number in the active language, and ``10,000+`` beyond the most that is counted."""
    return whole(number) if number <= MOST else f"{whole(MOST)}+"


def counted(rows: QuerySet[Any, Any]) -> str:
    """Return how many rows there are for people to read; of many, that it is more than so many."""
    return whole_up_to_most(rows.order_by().values("pk")[: MOST + 1].count())
