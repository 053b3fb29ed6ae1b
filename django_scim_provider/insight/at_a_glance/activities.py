"""What one connection was asked for: by day, by kind, and what failed last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from django_scim_provider.insight.activity import (
    DAYS,
    FAILURES,
    Activity,
    Counts,
    Day,
    days_between,
    events_since,
    requests_of,
)
from django_scim_provider.insight.at_a_glance.tallies import (
    KIND,
    counts_of,
    first_day,
    kinds_of,
    tallies,
    unsettled,
)
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from django_scim_provider.models.moments import utc

Key = TypeVar("Key")


def activity_of(connection: ProviderConnection, now: datetime) -> Activity:
    """Return what came in the window, by two statements where all that is over was counted.

    Else it counts that first, and keeps it, by three more.
    """
    first, today = first_day(now), utc(now).date()
    kept = tallies([connection.provider_id], now, with_details=True)
    row = kept[connection.provider_id]
    counts, found = counts_of(row, first), list(kinds_of(row, first))
    for _, day, kind, number in unsettled(kept, now, KIND):
        counts[(day - first).days].add(_named(kind)["outcome"], number)
        found.append((kind, number))
    kinds: defaultdict[tuple[str, str], Counts] = defaultdict(Counts)
    problems: defaultdict[tuple[int, str], Counts] = defaultdict(Counts)
    for kind, number in found:
        told = _named(kind)
        kinds[told["action"], told["resource_type"]].add(told["outcome"], number)
        if told["outcome"] != ProvisioningEvent.Outcome.DONE:
            problems[told["status"] or 0, told["scim_type"]].add(told["outcome"], number)
    days = zip(days_between(first, today), counts, strict=True)
    return Activity(
        days=tuple(Day(day.date, of_day) for day, of_day in days),
        kinds=_frequent(kinds),
        problems=_frequent(problems),
        unsettled=min(max((today - row.until).days + 1, 0), DAYS),
        failures=tuple(UUID(key) for key in row.failures),
    )


def _named(kind: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(KIND, kind, strict=True))


def _frequent(counted: Mapping[Key, Counts]) -> dict[Key, Counts]:
    """Sort by how many there are, the most frequent first."""
    return dict(sorted(counted.items(), key=lambda item: (-item[1].total, str(item[0]))))


def latest_failures(connection: ProviderConnection, activity: Activity) -> list[ProvisioningEvent]:
    """Return the latest changes of the window that were refused or failed, newest first.

    Those of days that are over are found by their keys, others among the events of today: no
    statement reads the events of weeks to find a few.
    """
    rows = requests_of([connection.provider_id]).exclude(outcome=ProvisioningEvent.Outcome.DONE)
    found: list[ProvisioningEvent] = []
    new = activity.days[len(activity.days) - activity.unsettled :]
    if any(day.counts.problems for day in new):
        found = _newest(events_since(rows, new[0].start))
    if activity.failures and len(found) < FAILURES:
        found += _newest(rows.filter(pk__in=activity.failures, at__gte=activity.days[0].start))
    return found[:FAILURES]


def _newest(rows: QuerySet[ProvisioningEvent]) -> list[ProvisioningEvent]:
    return list(rows.order_by("-pk")[:FAILURES])
