"""Thirty days of requests as small columns, and in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from django_scim_provider.insight.at_a_glance.tallies import DailyRequests
from django_scim_provider.insight.numbers_told import whole

STEP, HEIGHT = 3, 22
"""Units of the ``viewBox`` from one column to the next, of which one is left free, and their
height."""
LEAST = 2
"""What is not zero is drawn at least so high: one request in a month matters."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Shapes for an SVG, and what they say, in the active language."""

    width: int
    all: str
    """The path of the columns."""
    problems: str
    """The path of what of them was refused or failed, at their feet."""
    text: str


def sparkline(daily: DailyRequests) -> Sparkline:
    """Return the columns of the days; without any request, only words."""
    width = STEP * len(daily.days)
    largest = max(day.total for day in daily.days)
    if largest == 0:
        return Sparkline(width, "", "", gettext("No changes in 30 days"))
    columns = [_height(day.total, largest) for day in daily.days]
    problems = [_height(day.problems, largest) for day in daily.days]
    return Sparkline(width, _path(columns), _path(problems), _words(daily))


def _height(number: int, largest: int) -> int:
    return max(round(number / largest * HEIGHT), LEAST) if number else 0


def _path(heights: list[int]) -> str:
    return "".join(
        f"M{STEP * place} {HEIGHT}v-{height}h{STEP - 1}v{height}z"
        for place, height in enumerate(heights)
        if height
    )


def _words(daily: DailyRequests) -> str:
    busiest = max(range(len(daily.days)), key=lambda place: daily.days[place].total)
    told = ngettext(
        "%(total)s change in 30 days, %(problems)s refused or failed",
        "%(total)s changes in 30 days, %(problems)s refused or failed",
        daily.total,
    )
    most = gettext("most on %(day)s: %(number)s")
    numbers = {"total": whole(daily.total), "problems": whole(daily.problems)}
    of_day = {
        "day": date_format(daily.date_of(busiest), "DATE_FORMAT"),
        "number": whole(daily.days[busiest].total),
    }
    return f"{told % numbers}; {most % of_day}"
