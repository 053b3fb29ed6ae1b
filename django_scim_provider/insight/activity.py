"""What identity providers asked for, and how it went: events by day and by kind.

One statement reads the window, by the index on connection and key. Where the days of the current
time zone begin is computed here: MariaDB knows zones by name only where its tables were loaded,
SQLite calls Python for each row, and PostgreSQL takes longer to convert a time than to compare it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Case, Count, Max, QuerySet, Value, When
from django.utils import timezone

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import local, utc

DAYS = 30
"""Days of the window; the last one is today."""
FAILURES = 20
"""How many of the latest failures are shown."""
_BESIDE = (ProvisioningEvent.Action.CHANGE_EMAIL, ProvisioningEvent.Action.LEAVE_OUT)
"""Actions whose events tell more of a request that has one already, or that changed nothing."""
_SLACK = timedelta(minutes=1)
"""How far the clock in a key may be from the time of the event beside it, at most."""

Key = TypeVar("Key")

_GROUPS = ("day", "action", "resource_type", "outcome", "status", "scim_type")


@dataclass(slots=True)
class Counts:
    """Requests by how they ended."""

    done: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """Return all of them."""
        return self.done + self.refused + self.failed

    @property
    def problems(self) -> int:
        """Return those that changed nothing."""
        return self.refused + self.failed

    def add(self, outcome: str, number: int) -> None:
        """Count requests of one outcome of an event."""
        setattr(self, outcome, getattr(self, outcome) + number)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.done + other.done, self.refused + other.refused, self.failed + other.failed
        )


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the current time zone."""

    date: date
    start: datetime
    """Midnight, in UTC."""
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Activity:
    """Requests of the window that change something."""

    days: tuple[Day, ...]
    """Oldest first, days without events included."""
    kinds: dict[tuple[str, str], Counts]
    """By action and resource type, the most frequent first."""
    problems: dict[tuple[int, str], Counts]
    """Refusals and failures by status and ``scimType``, the most frequent first."""
    last_problem_at: datetime | None

    @property
    def total(self) -> Counts:
        """Return the sum of all days."""
        return self.recent(len(self.days))

    def recent(self, days: int) -> Counts:
        """Return the sum of the latest days, today among them."""
        return sum((day.counts for day in self.days[-days:]), Counts())


def requests_of(provider_ids: Iterable[str]) -> QuerySet[ProvisioningEvent]:
    """Return the events of requests that changed something, or should have.

    What people and commands do to connections, and what they adopt, has no request id. What stands
    beside the event of its request is not counted again.
    """
    rows = ProvisioningEvent.objects.using(get_settings().DATABASE).order_by()
    rows = rows.exclude(action__in=_BESIDE)
    return rows.filter(provider__in=list(provider_ids)).exclude(request_id="")


def window(now: datetime, days: int = DAYS) -> tuple[Day, ...]:
    """Return the latest days of the current time zone, oldest first."""
    today = local(now).date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    return tuple(Day(date=each, start=_midnight(each)) for each in dates)


def _midnight(day: date) -> datetime:
    """Return when a day begins; one without midnight (the clock is put forward) begins later."""
    return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)


def activity_of(connection: ProviderConnection, now: datetime) -> Activity:
    """Return what came in the window, by one statement."""
    days = window(now)
    kinds: defaultdict[tuple[str, str], Counts] = defaultdict(Counts)
    problems: defaultdict[tuple[int, str], Counts] = defaultdict(Counts)
    last_problem_at: datetime | None = None
    for row in _rows(connection.provider_id, days):
        days[row["day"]].counts.add(row["outcome"], row["number"])
        kinds[row["action"], row["resource_type"]].add(row["outcome"], row["number"])
        if row["outcome"] != ProvisioningEvent.Outcome.DONE:
            answer = (row["status"] or 0, row["scim_type"])
            problems[answer].add(row["outcome"], row["number"])
            latest = utc(row["last"])
            last_problem_at = max(last_problem_at or latest, latest)
    return Activity(days, _frequent(kinds), _frequent(problems), last_problem_at)


def _frequent(counted: Mapping[Key, Counts]) -> dict[Key, Counts]:
    """Sort by how many there are, the most frequent first."""
    return dict(sorted(counted.items(), key=lambda item: (-item[1].total, str(item[0]))))


def _rows(provider_id: str, days: Sequence[Day]) -> Iterable[dict[str, Any]]:
    """Return how many events each day has of each kind; ``day`` is the place in ``days``."""
    rows = _since(requests_of([provider_id]), days[0].start)
    grouped: Any = rows.annotate(day=_place(days, 0, len(days) - 1)).values(*_GROUPS)
    found: Iterable[dict[str, Any]] = grouped.annotate(number=Count("pk"), last=Max("at"))
    return found


def _place(days: Sequence[Day], first: int, last: int) -> Case | Value:
    """Return the expression for the place of an event's day, from ``first`` to ``last``.

    It halves the days, so that five comparisons tell thirty apart.
    """
    if first == last:
        return Value(first)
    middle = (first + last) // 2
    earlier = When(at__lt=days[middle + 1].start, then=_place(days, first, middle))
    return Case(earlier, default=_place(days, middle + 1, last))


def latest_failures(connection: ProviderConnection, activity: Activity) -> list[ProvisioningEvent]:
    """Return the latest changes of the window that were refused or failed, newest first.

    What the activity says of when they were keeps the statement from reading the events of months
    to find a few.
    """
    if activity.last_problem_at is None:
        return []
    rows = requests_of([connection.provider_id]).exclude(outcome=ProvisioningEvent.Outcome.DONE)
    rows = _since(rows, _start(activity.days)).filter(
        pk__lt=least_key_of(activity.last_problem_at + _SLACK), at__lte=activity.last_problem_at
    )
    return list(rows.order_by("-pk")[:FAILURES])


def _since(events: QuerySet[ProvisioningEvent], moment: datetime) -> QuerySet[ProvisioningEvent]:
    """Return the events since a moment; the key, made by the same clock, has the index."""
    return events.filter(pk__gte=least_key_of(moment - _SLACK), at__gte=moment)


def _start(days: Sequence[Day]) -> datetime:
    """Return the start of the day from which on there are enough failures, or all."""
    found = 0
    for day in reversed(days):
        found += day.counts.problems
        if found >= FAILURES:
            return day.start
    return days[0].start


def refused_changes(provider_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """Return how many changes of the window were refused or failed, by connection."""
    rows = requests_of(provider_ids).exclude(outcome=ProvisioningEvent.Outcome.DONE)
    recent = _since(rows, window(now)[0].start)
    counted = recent.values("provider").annotate(n=Count("pk"))
    return dict(counted.values_list("provider", "n"))
