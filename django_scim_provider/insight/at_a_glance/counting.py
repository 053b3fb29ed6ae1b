"""Requests of days, counted from the events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.db.models import Count, QuerySet, Value

from django_scim_provider.insight.activity import SLACK, Day, events_since, requests_of
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.storage.sql.vendors import vendor_of


def counted(
    begun: Mapping[str, date], days: Sequence[Day], columns: Sequence[str]
) -> Iterator[tuple[str, date, tuple[Any, ...], int]]:
    """Count the events of some days, of each connection from the day on at which it has begun.

    Each day is a part of one statement, or a statement of its own. Grouped by an expression of
    their times, PostgreSQL expects as many groups as events, and sorts all of them on disk.
    """
    if not days:
        return
    of_days = [
        _of_day(begun, day, place, columns, is_latest=place == len(days) - 1)
        for place, day in enumerate(days)
    ]
    for id, place, *values, number in _together(of_days):
        day = days[place].date
        if day >= begun[id]:
            yield id, day, tuple(values), number


def _together(of_days: Sequence[QuerySet[Any, Any]]) -> Iterable[Any]:
    """Return the rows of all days: of one statement where a UNION of groups is answered rightly."""
    first, *others = of_days
    if vendor_of(first.db).orm_only:
        return chain.from_iterable(of_days)
    # The model's own order is none of what is grouped, and Django 6 takes it for that of the UNION.
    return first.union(*others, all=True).order_by() if others else first


def _of_day(
    provider_ids: Iterable[str],
    day: Day,
    place: int,
    columns: Sequence[str],
    *,
    is_latest: bool,
) -> QuerySet[Any, Any]:
    """Return connection, place, columns, and how many events of the day have these."""
    events = events_of(provider_ids, [day])
    if not is_latest:
        # Only the index of keys has an end. Keys of a process whose clock was ahead for a while are
        # ahead for as long, so that the day which has just ended is looked for in all that follow.
        events = events.filter(pk__lt=least_key_of(day.start + timedelta(days=1) + SLACK))
    grouped = events.values("provider", *columns)
    told = grouped.annotate(place=Value(place), number=Count("pk"))
    found: QuerySet[Any, Any] = told.values_list("provider", "place", *columns, "number")
    return found


def events_of(provider_ids: Iterable[str], days: Sequence[Day]) -> Any:
    """Return the events of days, which are in order."""
    events = events_since(requests_of(provider_ids), days[0].start)
    return events.filter(at__lt=days[-1].start + timedelta(days=1))
