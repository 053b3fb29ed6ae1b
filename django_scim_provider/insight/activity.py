"""What identity providers asked for, and how it went: events of the latest days, in UTC.

Days are those of UTC for each reader, so that what a day had can be kept once it is over
(``at_a_glance.tallies``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import utc

DAYS = 30
"""Days of the window; the last one is today."""
RECENT_DAYS = 2
"""Today and yesterday: what is looked at to tell whether requests fail."""
FAILURES = 20
"""How many of the latest failures are shown."""
_BESIDE = (ProvisioningEvent.Action.CHANGE_EMAIL, ProvisioningEvent.Action.LEAVE_OUT)
"""Actions whose events tell more of a request that has one already, or that changed nothing."""
SLACK = timedelta(minutes=1)
"""How far the clock in a key may be from the time of the event beside it, at most."""


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
    """A day in UTC."""

    date: date
    counts: Counts = field(default_factory=Counts)

    @property
    def start(self) -> datetime:
        """Return midnight, in UTC."""
        return datetime.combine(self.date, time.min, UTC)


@dataclass(frozen=True, slots=True)
class Activity:
    """Requests of the window that change something."""

    days: tuple[Day, ...]
    """Oldest first, days without events included."""
    kinds: dict[tuple[str, str], Counts]
    """By action and resource type, the most frequent first; of rare ones at most so many a day
    as a tally keeps."""
    problems: dict[tuple[int, str], Counts]
    """Refusals and failures by status and ``scimType``, likewise."""
    unsettled: int = 0
    """How many of the days, the last ones, may still get events."""
    failures: tuple[UUID, ...] = ()
    """The keys of the latest events of the other days that were refused or failed."""

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
    return _requests().filter(provider__in=list(provider_ids))


def _requests() -> QuerySet[ProvisioningEvent]:
    rows = ProvisioningEvent.objects.using(get_settings().DATABASE).order_by()
    return rows.exclude(action__in=_BESIDE).exclude(request_id="")


def window(now: datetime, days: int = DAYS) -> tuple[Day, ...]:
    """Return the latest days, oldest first."""
    today = utc(now).date()
    return days_between(today - timedelta(days=days - 1), today)


def days_between(first: date, last: date) -> tuple[Day, ...]:
    """Return the days from the first to the last one; none where it is before the first."""
    number = (last - first).days + 1
    return tuple(Day(first + timedelta(days=each)) for each in range(number))


def recent_activity(provider_ids: Sequence[str], now: datetime) -> dict[str, Counts]:
    """Return the requests since yesterday by connection, by one statement."""
    found = {provider_id: Counts() for provider_id in provider_ids}
    rows = events_since(requests_of(provider_ids), window(now, RECENT_DAYS)[0].start)
    counted = rows.values("provider", "outcome").annotate(number=Count("pk"))
    for provider_id, outcome, number in counted.values_list("provider", "outcome", "number"):
        found[provider_id].add(outcome, number)
    return found


def last_requests(provider_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Return when the latest of those requests was, by connection, by one statement.

    The order names the connection, and the condition is no equality, which would take it out of
    the order again: otherwise PostgreSQL takes the events of all connections in the order of their
    keys, and goes through all of them for a connection that has none.
    """
    connections = ProviderConnection.objects.using(get_settings().DATABASE)
    id = OuterRef("provider_id")
    own = _requests().filter(provider_id__gte=id, provider_id__lte=id)
    latest = own.order_by("-provider_id", "-pk")
    rows = connections.filter(provider_id__in=list(provider_ids)).order_by()
    return dict(rows.values_list("provider_id", Subquery(latest.values("at")[:1])))


def events_since(
    events: QuerySet[ProvisioningEvent], moment: datetime
) -> QuerySet[ProvisioningEvent]:
    """Return the events since a moment; the key, made by the same clock, has the index."""
    return events.filter(pk__gte=least_key_of(moment - SLACK), at__gte=moment)
