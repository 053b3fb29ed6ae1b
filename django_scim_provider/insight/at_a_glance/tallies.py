"""Requests by day: days that are over are counted once and kept.

Counting 30 days of connections would read all their events each time. So what a day had is kept in
one small row for each connection, written by the commands that run on a schedule, else by whoever
looks first, and never by a request of an identity provider. Days are those of UTC, the same for
each reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.activity import (
    DAYS,
    FAILURES,
    Counts,
    Day,
    days_between,
)
from django_scim_provider.insight.at_a_glance.counting import counted, events_of
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, RequestTally
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.failures.upserts import Upsert, taken
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import write_aside

SETTLED = timedelta(hours=1)
"""How long after its end a day may still get events, of transactions that began before."""
TOGETHER = 100
"""Connections whose days are counted by one statement, and kept by another."""
MOST_KINDS = 100
"""Kinds of a day that are kept, the most frequent ones; a project may have any number of types."""
KIND = ("action", "resource_type", "outcome", "status", "scim_type")
"""What tells requests of one kind from others."""
DETAILS = ("kinds", "failures")
"""What one connection's page shows, and no list."""

_OUTCOME = KIND.index("outcome")
_PLACES = {"done": 0, "refused": 1, "failed": 2}
_keep = Upsert(
    RequestTally,
    ("id", "provider", "until", "days", *DETAILS),
    same="provider",
    changes={name: taken(name) for name in ("days", *DETAILS, "until")},
    telling=("until",),
)


@dataclass(frozen=True, slots=True)
class DailyRequests:
    """The requests of a connection that change something, on each of the latest days."""

    first: date
    days: tuple[Counts, ...]
    """Oldest first; the last one is today, in UTC."""

    def date_of(self, place: int) -> date:
        """Return the day in a place, in UTC."""
        return self.first + timedelta(days=place)

    @property
    def active(self) -> list[int]:
        """Return the places of the days that had requests."""
        return [place for place, day in enumerate(self.days) if day.total]

    @property
    def total(self) -> int:
        """Return the requests of all days."""
        return sum(day.total for day in self.days)

    @property
    def problems(self) -> int:
        """Return those that were refused or failed."""
        return sum(day.problems for day in self.days)


def daily_requests(provider_ids: Sequence[str], now: datetime) -> dict[str, DailyRequests]:
    """Return the days of connections, by two statements where all that is over was counted.

    Else it counts that first, and keeps it, by four more at most for each hundred connections.
    """
    first = first_day(now)
    kept = tallies(provider_ids, now)
    found = {id: counts_of(kept[id], first) for id in provider_ids}
    for id, day, (outcome,), number in unsettled(kept, now, ("outcome",)):
        found[id][(day - first).days].add(outcome, number)
    return {id: DailyRequests(first, tuple(days)) for id, days in found.items()}


def first_day(now: datetime) -> date:
    """Return the day with which the window begins."""
    return utc(now).date() - timedelta(days=DAYS - 1)


def keep_tallies(now: datetime | None = None) -> None:
    """Count the days that are over, for all connections; by one statement where none is missing.

    Commands do it on a schedule, so that no page has to, and before events are deleted.
    """
    now, using = now or utc_now(), get_settings().DATABASE
    counted = RequestTally.objects.using(using).filter(until__gte=utc(now - SETTLED).date())
    rows = ProviderConnection.objects.using(using).order_by("provider_id")
    behind = rows.exclude(provider_id__in=counted.values("provider"))
    ids = list(behind.values_list("provider_id", flat=True))
    for start in range(0, len(ids), TOGETHER):
        tallies(ids[start : start + TOGETHER], now)


def tallies(
    provider_ids: Sequence[str], now: datetime, *, with_details: bool = False
) -> dict[str, RequestTally]:
    """Return the row of each connection, after counting and keeping what is over and missing.

    Without details, these are not loaded.
    """
    over = utc(now - SETTLED).date()
    kept = _kept(provider_ids, with_details=with_details)
    behind = [id for id in provider_ids if id not in kept or kept[id].until < over]
    for start in range(0, len(behind), TOGETHER):
        some = behind[start : start + TOGETHER]
        begun = kept if with_details else _kept(some, with_details=True)
        kept |= _brought_up(some, begun, first_day(now), over)
    return kept


def unsettled(
    kept: Mapping[str, RequestTally], now: datetime, columns: Sequence[str]
) -> Iterator[tuple[str, date, tuple[Any, ...], int]]:
    """Count the events of the days that no row has yet, today among them, by some columns.

    Each is told with its connection, its day, the values of the columns, and how many there are.
    """
    begun = {id: row.until for id, row in kept.items()}
    if begun:
        days = days_between(min(begun.values()), utc(now).date())
        yield from counted(begun, days, columns)


def counts_of(row: RequestTally, first: date) -> list[Counts]:
    """Return the days of the window, with what was kept of them."""
    days = [Counts() for _ in range(DAYS)]
    for place, numbers in _in_window(row, row.days, first):
        days[place] = Counts(*numbers)
    return days


def kinds_of(row: RequestTally, first: date) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Return the kinds that the days of the window had, each as often as it was kept."""
    for _, kinds in _in_window(row, row.kinds, first):
        for *kind, number in kinds:
            yield tuple(kind), number


def _in_window(row: RequestTally, kept: Sequence[Any], first: date) -> Iterator[tuple[int, Any]]:
    """Return what was kept of the days of the window, with their places in it."""
    begin = (row.until - first).days - len(kept)
    return ((begin + n, each) for n, each in enumerate(kept) if 0 <= begin + n < DAYS)


def _kept(provider_ids: Sequence[str], *, with_details: bool) -> dict[str, RequestTally]:
    rows = RequestTally.objects.using(get_settings().DATABASE)
    found = rows.filter(provider__in=list(provider_ids))
    found = found if with_details else found.defer(*DETAILS)
    return {str(row.provider_id): row for row in found}


def _brought_up(
    provider_ids: Sequence[str], kept: Mapping[str, RequestTally], first: date, over: date
) -> dict[str, RequestTally]:
    """Count the days before ``over`` that are missing, and keep them.

    A database that takes no writes now is asked again the next time.
    """
    rows = {id: _lengthened(id, kept.get(id), first, over) for id in provider_ids}
    begun = {id: max(kept[id].until, first) if id in kept else first for id in provider_ids}
    days = days_between(min(begun.values()), over - timedelta(days=1))
    for id, day, kind, number in counted(begun, days, KIND):
        place = (day - first).days
        rows[id].days[place][_PLACES[kind[_OUTCOME]]] += number
        rows[id].kinds[place].append([*kind, number])
    for id, keys in _failures(begun, rows, days).items():
        rows[id].failures = [*keys, *rows[id].failures][:FAILURES]
    for row in rows.values():
        row.kinds = [sorted(each, key=_rank)[:MOST_KINDS] for each in row.kinds]
    names = ("until", "days", *DETAILS)
    values = [
        {"id": row.pk, "provider": id, **{name: getattr(row, name) for name in names}}
        for id, row in rows.items()
    ]
    using = get_settings().DATABASE
    write_aside(using, "The tally of requests", partial(_keep.run_all, using, values))
    return rows


def _rank(kind: Sequence[Any]) -> tuple[int, str]:
    """Return what sorts kinds, the most frequent first."""
    return -kind[-1], str(kind)


def _lengthened(id: str, kept: RequestTally | None, first: date, over: date) -> RequestTally:
    """Return a row with the days before ``over``, of which the missing ones are empty."""
    length = (over - first).days
    row = RequestTally(
        id=uuid7(),  # that of a row which is there stays
        provider_id=id,
        until=over,
        days=[[0] * len(_PLACES) for _ in range(length)],
        kinds=[[] for _ in range(length)],
    )
    if kept is not None:
        for place, numbers in _in_window(kept, kept.days, first):
            row.days[place] = numbers
        for place, kinds in _in_window(kept, kept.kinds, first):
            row.kinds[place] = kinds
        row.failures = kept.failures
    return row


def _failures(
    begun: Mapping[str, date], rows: Mapping[str, RequestTally], days: Sequence[Day]
) -> dict[str, list[str]]:
    """Return the keys of the latest events that were refused or failed, newest first.

    The ``rows`` tell on which of the days there are any to be looked for.
    """
    missing = {id: [day for day in days if day.date >= begun[id]] for id in rows}
    asked = {id: failed for id, row in rows.items() if (failed := _latest(row, missing[id]))}
    if not asked:
        return {}
    first, last = min(map(min, asked.values())), max(map(max, asked.values()))
    found: dict[str, list[str]] = {id: [] for id in asked}
    events = events_of(asked, [day for day in days if first <= day.date <= last])
    failed = events.exclude(outcome=ProvisioningEvent.Outcome.DONE).order_by("-pk")
    for newest in _newest(failed, list(asked)):
        for id, key, at in newest.values_list("provider", "pk", "at"):
            if utc(at).date() >= begun[id]:
                found[id].append(str(key))
    return found


def _newest(
    failed: QuerySet[ProvisioningEvent], ids: Sequence[str]
) -> Iterator[QuerySet[ProvisioningEvent]]:
    """Yield the latest events of each connection, of all of them at once where a window does it."""
    if vendor_of(failed.db).orm_only:
        yield from (failed.filter(**{"provider": id})[:FAILURES] for id in ids)
        return
    place = Window(RowNumber(), partition_by=F("provider"), order_by=F("pk").desc())
    yield failed.annotate(place=place).filter(place__lte=FAILURES)


def _latest(row: RequestTally, days: Sequence[Day]) -> list[date]:
    """Return those of the days that have the latest problems, of which so many are kept."""
    found, number = [], 0
    for day in reversed(days):
        problems = sum(row.days[(day.date - row.until).days][1:])  # the last one is before that
        if problems and number < FAILURES:
            found.append(day.date)
        number += problems
    return found
