"""Events by day and by kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_scim_provider.insight.activity import (
    DAYS,
    FAILURES,
    Counts,
    activity_of,
    latest_failures,
    refused_changes,
    window,
)
from django_scim_provider.models import ProviderConnection
from tests.factories import make_connection
from tests.health.conftest import Note
from tests.health.moments import NOON

pytestmark = pytest.mark.django_db


def test_requests_count_by_day_and_outcome(connection: ProviderConnection, note: Note) -> None:
    note(connection)
    note(connection, outcome="refused", status=409)
    note(connection, ago=timedelta(days=1), outcome="failed", status=503)

    days = activity_of(connection, NOON).days

    assert [day.date for day in days][-2:] == [date(2026, 11, 24), date(2026, 11, 25)]
    assert len(days) == DAYS
    assert days[-1].counts == Counts(done=1, refused=1)
    assert days[-2].counts == Counts(failed=1)
    assert days[0].counts == Counts()


def test_requests_count_by_kind_and_answer(connection: ProviderConnection, note: Note) -> None:
    note(connection, action="create")
    for _ in range(2):
        note(connection, outcome="refused", status=409, scim_type="uniqueness")
    note(connection, outcome="failed", status=500)

    activity = activity_of(connection, NOON)

    assert list(activity.kinds) == [("update", "User"), ("create", "User")]
    assert activity.kinds["update", "User"] == Counts(refused=2, failed=1)
    assert activity.problems == {
        (409, "uniqueness"): Counts(refused=2),
        (500, ""): Counts(failed=1),
    }


@pytest.mark.parametrize("action", ["change_email", "leave_out"])
def test_what_stands_beside_an_event_is_no_request_of_its_own(
    connection: ProviderConnection, note: Note, action: str
) -> None:
    note(connection, action="update")
    note(connection, action=action)

    assert activity_of(connection, NOON).total == Counts(done=1)


def test_only_requests_of_the_connection_and_the_window_count(
    connection: ProviderConnection, note: Note
) -> None:
    note(connection, ago=timedelta(days=DAYS - 1))
    note(connection, ago=timedelta(days=DAYS))
    note(connection, request_id="", action="adopt")
    note(make_connection(provider_id="other"))

    assert activity_of(connection, NOON).total == Counts(done=1)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        pytest.param("UTC", datetime(2026, 11, 24, 23, 30, tzinfo=UTC), 24, id="utc"),
        pytest.param("Europe/Berlin", datetime(2026, 11, 24, 23, 30, tzinfo=UTC), 25, id="east"),
        pytest.param("America/New_York", datetime(2026, 11, 25, 4, 59, tzinfo=UTC), 24, id="west"),
        pytest.param("Asia/Kolkata", datetime(2026, 11, 24, 18, 29, tzinfo=UTC), 24, id="early"),
        pytest.param("Asia/Kolkata", datetime(2026, 11, 24, 18, 30, tzinfo=UTC), 25, id="midnight"),
    ],
)
def test_days_are_those_of_the_time_zone(
    connection: ProviderConnection, note: Note, zone: str, at: datetime, day: int
) -> None:
    note(connection, at=at)

    with timezone.override(ZoneInfo(zone)):
        activity = activity_of(connection, NOON)

    assert [each.date for each in activity.days if each.counts.total] == [date(2026, 11, day)]


@pytest.mark.parametrize(
    ("zone", "last", "hours"),
    [
        pytest.param("Europe/Berlin", datetime(2026, 10, 26, 12, tzinfo=UTC), 25, id="autumn"),
        pytest.param("Europe/Berlin", datetime(2026, 3, 30, 12, tzinfo=UTC), 23, id="spring"),
        pytest.param("Africa/Cairo", datetime(2026, 4, 25, 12, tzinfo=UTC), 23, id="no-midnight"),
    ],
)
def test_day_on_which_the_clock_changes_is_as_long_as_it_is(
    zone: str, last: datetime, hours: int
) -> None:
    with timezone.override(ZoneInfo(zone)):
        days = window(last)

    lengths = {after.start - day.start for day, after in pairwise(days)}
    assert lengths == {timedelta(hours=24), timedelta(hours=hours)}


def test_latest_failures_come_first(connection: ProviderConnection, note: Note) -> None:
    note(connection)
    old = note(connection, ago=timedelta(days=20), outcome="failed", status=503)
    new = note(connection, ago=timedelta(hours=1), outcome="refused", status=409)

    assert latest_failures(connection, activity_of(connection, NOON)) == [new, old]


def test_failures_are_the_latest_and_not_all(connection: ProviderConnection, note: Note) -> None:
    events = [
        note(connection, ago=timedelta(hours=6 * number), outcome="refused", status=409)
        for number in range(FAILURES + 5)
    ]

    assert latest_failures(connection, activity_of(connection, NOON)) == events[:FAILURES]


def test_failures_are_looked_for_on_the_days_that_have_them(
    connection: ProviderConnection, note: Note
) -> None:
    for number in range(FAILURES):
        note(connection, ago=timedelta(days=2, minutes=number), outcome="refused", status=409)
    activity = activity_of(connection, NOON)

    with CaptureQueriesContext(database) as queries:
        latest_failures(connection, activity)

    assert "2026-11-23 00:00:00" in queries[0]["sql"]
    assert "2026-11-23 12:00:00" in queries[0]["sql"]


def test_nothing_is_asked_for_where_nothing_failed(
    connection: ProviderConnection, note: Note, django_assert_num_queries: Any
) -> None:
    note(connection)
    activity = activity_of(connection, NOON)

    with django_assert_num_queries(0):
        assert latest_failures(connection, activity) == []


def test_refused_changes_are_counted_by_connection(
    connection: ProviderConnection, note: Note
) -> None:
    other = make_connection(provider_id="other")
    note(connection, outcome="refused", status=409)
    note(connection, outcome="failed", status=503)
    note(connection, ago=timedelta(days=DAYS), outcome="refused", status=409)
    note(other)

    assert refused_changes(["acme", "other"], NOON) == {"acme": 2}
