"""Requests by day: what is over is counted once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_scim_provider.insight.activity import DAYS, SLACK
from django_scim_provider.insight.at_a_glance import tallies
from django_scim_provider.insight.at_a_glance.tallies import daily_requests, keep_tallies
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, RequestTally
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import utc_now
from tests.factories import key_of, make_connection
from tests.health.moments import NOON

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def elsewhere() -> Iterator[None]:
    """Let the reader be where days begin at another hour; tallies do not care."""
    with timezone.override("Pacific/Auckland"):
        yield


def note(connection: ProviderConnection, at: datetime, **fields: Any) -> None:
    values: dict[str, Any] = {"action": "update", "resource_type": "User", "outcome": "done"}
    values |= {"request_id": "r1", "status": 200, **fields}
    ProvisioningEvent.objects.create(id=key_of(at), at=at, provider=connection, **values)


def totals(*names: str, now: datetime = NOON) -> dict[str, list[int]]:
    found = daily_requests(names or ["acme"], now)
    return {name: [day.total for day in each.days] for name, each in found.items()}


def counted(now: datetime = NOON, name: str = "acme") -> dict[int, int]:
    """Return the days that had requests, as days before today."""
    days = totals(name, now=now)[name]
    return {DAYS - 1 - place: number for place, number in enumerate(days) if number}


def test_days_of_the_window_are_counted_by_outcome() -> None:
    connection = make_connection()
    for ago, outcome in ((0, "done"), (0, "refused"), (1, "done"), (29, "failed"), (30, "done")):
        note(connection, NOON - ago * DAY, outcome=outcome)

    found = daily_requests(["acme"], NOON)["acme"]

    assert (len(found.days), found.total, found.problems) == (DAYS, 4, 2)
    assert counted() == {0: 2, 1: 1, 29: 1}
    assert found.date_of(DAYS - 1) == NOON.date()


def test_what_is_no_request_is_not_counted() -> None:
    connection = make_connection()
    note(connection, NOON, request_id="")
    note(connection, NOON, action="change_email")

    assert counted() == {}


def test_days_that_are_over_are_kept_and_read_no_more() -> None:
    connection = make_connection()
    note(connection, NOON - 3 * DAY)
    before = counted()

    ProvisioningEvent.objects.all().delete()
    note(connection, NOON)

    assert before == {3: 1}
    assert counted() == {0: 1, 3: 1}
    tally = RequestTally.objects.get()
    assert (tally.until, len(tally.days)) == (NOON.date(), DAYS - 1)


def test_kept_days_move_with_the_window_and_leave_it() -> None:
    connection = make_connection()
    for ago in (28, 3):
        note(connection, NOON - ago * DAY)
    counted()
    note(connection, NOON)

    later = counted(NOON + 2 * DAY)

    assert later == {2: 1, 5: 1}
    assert RequestTally.objects.get().until == (NOON + 2 * DAY).date()


def test_connection_that_nobody_looked_at_for_months_begins_anew() -> None:
    connection = make_connection()
    note(connection, NOON)
    counted()

    later = NOON + 100 * DAY
    note(connection, later - DAY)

    assert counted(later) == {1: 1}


def test_yesterday_is_not_over_before_its_transactions_are() -> None:
    connection = make_connection()
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    note(connection, midnight - timedelta(minutes=1))
    soon = midnight + timedelta(minutes=10)
    first = counted(soon)

    note(connection, midnight - timedelta(seconds=1))  # committed only now

    assert (first, counted(soon)) == ({1: 1}, {1: 2})
    assert RequestTally.objects.get().until == date(2026, 11, 24)
    assert counted(midnight + timedelta(hours=2)) == {1: 2}


def test_each_connection_has_its_own_days() -> None:
    acme, other = make_connection(), make_connection(provider_id="other")
    note(acme, NOON - DAY)
    counted()
    note(acme, NOON - 2 * DAY)  # of a day that was counted
    note(other, NOON - 2 * DAY)

    found = totals("acme", "other")

    assert [sum(found["acme"]), sum(found["other"])] == [1, 1]
    assert found["other"][DAYS - 3] == 1


@pytest.mark.parametrize("outcome", ["done", "failed"])
def test_reading_takes_two_statements_and_counting_what_is_missing_few_more(outcome: str) -> None:
    made = [make_connection(provider_id=f"c{number}") for number in range(5)]
    for number, each in enumerate(made):
        note(each, NOON - (number + 1) * DAY, outcome=outcome)
    names = [each.provider_id for each in made]
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(database) as caught:
            daily_requests(names, NOON)
        counts.append(sum(not each["sql"].startswith(("SAVEPOINT", "RELEASE")) for each in caught))

    # What failed is looked for where something did.
    assert counts == [6 if outcome == "failed" else 5, 2]


def test_database_that_takes_no_writes_is_counted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    note(make_connection(), NOON - DAY)

    def refuse(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("INSERT"):
            raise DatabaseError("read only")
        return execute(sql, *arguments)

    with connections["default"].execute_wrapper(refuse):
        found = counted()

    assert found == {1: 1}
    assert not RequestTally.objects.exists()


def test_pruning_counts_before_it_deletes() -> None:
    now = timezone.now()
    note(make_connection(), now - 3 * DAY)

    call_command("scim_prune_events", "--older-than=2", stdout=StringIO(), stderr=StringIO())

    assert not ProvisioningEvent.objects.exists()
    assert sum(counted(now).values()) == 1


def test_all_connections_are_brought_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_scim_provider.insight.at_a_glance.tallies.TOGETHER", 2)
    for number in range(5):
        make_connection(provider_id=f"c{number}")

    keep_tallies(NOON)

    assert RequestTally.objects.filter(until=NOON.date()).count() == 5


def test_command_for_notices_counts_what_no_page_has_looked_at(
    django_assert_num_queries: Any,
) -> None:
    moment = utc_now() - 2 * DAY  # over at any hour
    note(make_connection(), moment)

    call_command("scim_send_notices", verbosity=0)

    tally = RequestTally.objects.get()
    assert tally.days[(moment.date() - tally.until).days] == [1, 0, 0]
    with django_assert_num_queries(1):
        keep_tallies()


def test_days_are_counted_without_a_sort_of_all_events() -> None:
    """Grouped by the day of a time, PostgreSQL would expect a group for each event."""
    make_connection()

    with CaptureQueriesContext(database) as caught:
        daily_requests(["acme"], NOON)

    (counting,) = [sql for each in caught if (sql := each["sql"]).count("GROUP BY") > 1]
    assert counting.count("UNION ALL") == DAYS - 2
    assert "CASE" not in counting


def test_failures_are_looked_for_on_the_days_that_have_the_latest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tallies, "FAILURES", 2)
    connection = make_connection()
    for ago in (20, 10, 5, 3, 2):
        note(connection, NOON - ago * DAY, outcome="done" if ago in (10, 2) else "failed")

    with CaptureQueriesContext(database) as caught:
        daily_requests(["acme"], NOON)

    (looking,) = [sql for each in caught if "ROW_NUMBER" in (sql := each["sql"])]
    key = str(least_key_of((NOON - 5 * DAY).replace(hour=0) - SLACK))
    assert key in looking or key.replace("-", "") in looking
    assert RequestTally.objects.get().failures == [
        str(event.pk) for event in ProvisioningEvent.objects.filter(outcome="failed")[:2]
    ]
