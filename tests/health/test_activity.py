"""Events by day and by kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_scim_provider.insight.activity import DAYS, FAILURES, Counts
from django_scim_provider.insight.at_a_glance.activities import activity_of, latest_failures
from django_scim_provider.insight.at_a_glance.tallies import daily_requests
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, RequestTally
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


def test_days_are_those_of_utc_for_each_reader(connection: ProviderConnection, note: Note) -> None:
    note(connection, at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))

    with timezone.override(ZoneInfo("Europe/Berlin")):
        activity = activity_of(connection, NOON)

    assert [each.date for each in activity.days if each.counts.total] == [date(2026, 11, 24)]


def test_days_that_are_over_are_read_no_more(connection: ProviderConnection, note: Note) -> None:
    note(connection, ago=timedelta(days=2), outcome="refused", status=409, scim_type="uniqueness")
    note(connection, ago=timedelta(days=1), action="create")
    first = activity_of(connection, NOON)

    ProvisioningEvent.objects.all().delete()
    note(connection, action="create")
    again = activity_of(connection, NOON)

    assert again.kinds == {
        ("create", "User"): Counts(done=2),
        ("update", "User"): Counts(refused=1),
    }
    assert again.problems == first.problems == {(409, "uniqueness"): Counts(refused=1)}
    assert [day.counts.total for day in again.days[-3:]] == [1, 1, 1]
    assert latest_failures(connection, again) == []


def test_kinds_leave_the_window_with_their_days(connection: ProviderConnection, note: Note) -> None:
    old = note(connection, ago=timedelta(days=DAYS - 1), outcome="failed", status=503)
    before = activity_of(connection, NOON)
    after = activity_of(connection, NOON + timedelta(days=1))

    assert (list(before.kinds), before.problems) == (
        [("update", "User")],
        {(503, ""): Counts(failed=1)},
    )
    assert (after.kinds, after.problems, after.total) == ({}, {}, Counts())
    assert latest_failures(connection, before) == [old]
    assert latest_failures(connection, after) == []


def test_clock_that_was_put_back_finds_what_was_kept(
    connection: ProviderConnection, note: Note
) -> None:
    failed = note(connection, ago=timedelta(days=3), outcome="failed", status=503)
    activity_of(connection, NOON)

    activity = activity_of(connection, NOON - timedelta(days=2))

    assert [day.counts.total for day in activity.days[-3:]] == [0, 1, 0]
    assert latest_failures(connection, activity) == [failed]


def test_most_frequent_kinds_of_a_day_are_kept(
    connection: ProviderConnection, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.insight.at_a_glance.tallies.MOST_KINDS", 2)
    for number, name in ((1, "Rare"), (3, "User"), (2, "Group")):
        for _ in range(number):
            note(connection, ago=timedelta(days=1), resource_type=name)

    activity = activity_of(connection, NOON)

    assert list(activity.kinds) == [("update", "User"), ("update", "Group")]
    assert activity.total == Counts(done=6)


def test_list_keeps_what_the_page_of_a_connection_needs(
    connection: ProviderConnection, note: Note, django_assert_num_queries: Any
) -> None:
    failed = note(connection, ago=timedelta(days=3), outcome="failed", status=503)
    note(connection, ago=timedelta(days=1))
    daily_requests(["acme"], NOON - timedelta(days=1))
    daily_requests(["acme"], NOON)

    with django_assert_num_queries(2):
        activity = activity_of(connection, NOON)

    assert activity.kinds == {("update", "User"): Counts(done=1, failed=1)}
    assert latest_failures(connection, activity) == [failed]


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


def test_failures_of_days_that_are_over_are_found_by_their_keys(
    connection: ProviderConnection, note: Note
) -> None:
    events = [
        note(connection, ago=timedelta(days=2, minutes=number), outcome="refused", status=409)
        for number in range(FAILURES + 5)
    ]
    activity = activity_of(connection, NOON)

    with CaptureQueriesContext(database) as queries:
        found = latest_failures(connection, activity)

    assert found == events[:FAILURES]
    assert len(queries) == 1
    assert RequestTally.objects.get().failures == [str(event.pk) for event in found]


def test_failures_of_today_come_before_those_that_were_kept(
    connection: ProviderConnection, note: Note
) -> None:
    old = [
        note(connection, ago=timedelta(days=day), outcome="failed", status=503)
        for day in range(1, FAILURES + 1)
    ]
    new = note(connection, outcome="refused", status=409)

    found = latest_failures(connection, activity_of(connection, NOON))

    assert found == [new, *old][:FAILURES]


def test_failures_that_were_kept_go_before_older_ones(
    connection: ProviderConnection, note: Note
) -> None:
    other = make_connection(provider_id="other")
    old = note(connection, ago=timedelta(days=5), outcome="failed", status=503)
    activity_of(connection, NOON - timedelta(days=2))
    foreign = note(other, ago=timedelta(days=5), outcome="failed", status=503)
    new = note(connection, ago=timedelta(days=1), outcome="failed", status=503)

    daily_requests(["acme", "other"], NOON)

    assert latest_failures(connection, activity_of(connection, NOON)) == [new, old]
    assert latest_failures(other, activity_of(other, NOON)) == [foreign]


def test_nothing_is_asked_for_where_nothing_failed(
    connection: ProviderConnection, note: Note, django_assert_num_queries: Any
) -> None:
    note(connection)
    activity = activity_of(connection, NOON)

    with django_assert_num_queries(0):
        assert latest_failures(connection, activity) == []


def test_each_connection_keeps_failures_of_its_own(
    connection: ProviderConnection, note: Note
) -> None:
    other = make_connection(provider_id="other")
    activity_of(connection, NOON - timedelta(days=2))
    note(connection, ago=timedelta(days=5), outcome="failed", status=503)  # of a day that is kept
    foreign = note(other, ago=timedelta(days=5), outcome="failed", status=503)
    third = make_connection(provider_id="third")
    for each in (connection, third):
        for number in range(FAILURES - 1):
            note(each, ago=timedelta(days=1, minutes=number), outcome="failed", status=503)

    daily_requests(["acme", "other", "third"], NOON)

    found = latest_failures(connection, activity_of(connection, NOON))
    assert len(found) == activity_of(connection, NOON).total.failed == FAILURES - 1
    assert latest_failures(other, activity_of(other, NOON)) == [foreign]
