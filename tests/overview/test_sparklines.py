"""Columns of thirty days."""

from __future__ import annotations

from datetime import date

from django_scim_provider.admin.overview.sparklines import HEIGHT, LEAST, sparkline
from django_scim_provider.insight.activity import Counts
from django_scim_provider.insight.at_a_glance.tallies import DailyRequests


def daily(*numbers: tuple[int, int]) -> DailyRequests:
    days = [Counts(done, problems) for done, problems in numbers]
    days = [Counts() for _ in range(30 - len(days))] + days
    return DailyRequests(date(2026, 11, 1), tuple(days))


def test_busiest_day_is_as_high_as_there_is_room() -> None:
    found = sparkline(daily((5, 0), (10, 0)))

    assert found.all == f"M84 {HEIGHT}v-11h2v11zM87 {HEIGHT}v-{HEIGHT}h2v{HEIGHT}z"
    assert found.problems == ""


def test_one_failure_among_thousands_can_be_seen() -> None:
    found = sparkline(daily((10_000, 1)))

    assert found.problems == f"M87 {HEIGHT}v-{LEAST}h2v{LEAST}z"


def test_words_say_what_the_columns_show() -> None:
    found = sparkline(daily((1200, 0), (30, 4)))

    assert found.text == (
        "1,234 changes in 30 days, 4 refused or failed; most on Nov. 29, 2026: 1,200"
    )


def test_month_without_changes_is_told_in_words() -> None:
    found = sparkline(daily())

    assert (found.all, found.text) == ("", "No changes in 30 days")
