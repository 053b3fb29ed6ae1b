"""The figures of the health page: a chart, its description, and the numbers in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from django_scim_provider.admin.connection_pages.charts import Chart, bars, columns
from django_scim_provider.insight.activity import DAYS, Activity, Counts
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import ProvisioningEvent

ACTIONS = dict(ProvisioningEvent.Action.choices)
MAX_BARS = 12
"""Kinds in a chart; its table has all of them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart with its table; all texts are in the active language."""

    id: str
    """For the ids of elements."""
    title: str
    description: str
    chart: Chart
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """A heading and the cells beside it."""
    y_label: str = ""
    x_label: str = ""


def figures(activity: Activity) -> list[Figure]:
    """Return those that have something to show."""
    found = (_by_day(activity), _by_kind(activity), _by_problem(activity))
    return [figure for figure in found if figure is not None]


def kind_label(action: str, resource_type: str) -> str:
    """Return what a request did to what, such as ``"update User"``."""
    if not resource_type:
        return str(ACTIONS.get(action, action)) or gettext("unknown")
    told = {"action": ACTIONS.get(action, action), "type": resource_type}
    return (gettext("%(action)s %(type)s") % told).strip()


def answer_label(status: int | None, scim_type: str) -> str:
    """Return an answer, such as ``"409 uniqueness"``."""
    return f"{status or ''} {scim_type}".strip() or gettext("unknown")


def _by_day(activity: Activity) -> Figure | None:
    short_date = pgettext("date on the axis of a chart, for django.utils.dateformat", "j M")
    chart = columns(
        [(date_format(day.date, short_date), _series(day.counts)) for day in activity.days]
    )
    if chart is None:
        return None
    busiest = max(activity.days, key=lambda day: day.counts.total)
    text = gettext(
        "Requests on each of the last %(days)d days. Made: %(done)s, refused: %(refused)s, "
        "failed: %(failed)s. The busiest day is %(day)s (UTC), with %(most)s requests."
    )
    return Figure(
        id="scim-days",
        title=gettext("Requests by day"),
        description=text
        % {
            "days": len(activity.days),
            **_texts(activity.total),
            "day": date_format(busiest.date, "DATE_FORMAT"),
            "most": whole(busiest.counts.total),
        },
        chart=chart,
        caption=gettext("Requests that change something, by day (UTC) and outcome"),
        head=(gettext("Day (UTC)"), *_outcomes()),
        rows=tuple(
            (date_format(day.date, "DATE_FORMAT"), _cells(day.counts))
            for day in reversed(activity.days)
        ),
        y_label=gettext("Requests"),
        x_label=gettext("Day (UTC)"),
    )


def _by_kind(activity: Activity) -> Figure | None:
    kinds = [(kind_label(*kind), counts) for kind, counts in activity.kinds.items()]
    chart = bars([(label, _series(counts)) for label, counts in kinds[:MAX_BARS]])
    if chart is None:
        return None
    return Figure(
        id="scim-kinds",
        title=gettext("Requests by kind"),
        description=_most_frequent([(label, counts.total) for label, counts in kinds]),
        chart=chart,
        caption=gettext("Requests that change something, by kind and outcome"),
        head=(gettext("Kind"), *_outcomes()),
        rows=tuple((label, _cells(counts)) for label, counts in kinds),
    )


def _by_problem(activity: Activity) -> Figure | None:
    answers = [(answer_label(*answer), counts) for answer, counts in activity.problems.items()]
    chart = bars([(label, _series(counts)) for label, counts in answers[:MAX_BARS]])
    if chart is None:
        return None
    return Figure(
        id="scim-answers",
        title=gettext("Refusals and failures by answer"),
        description=_most_frequent([(label, counts.total) for label, counts in answers]),
        chart=chart,
        caption=gettext("Requests that changed nothing, by status and scimType"),
        head=(gettext("Answer"), gettext("Requests")),
        rows=tuple((label, (whole(counts.total),)) for label, counts in answers),
    )


def _most_frequent(numbers: Sequence[tuple[str, int]]) -> str:
    text = gettext("The last %(days)d days, the most frequent first. %(numbers)s.")
    shown = "; ".join(f"{label}: {whole(number)}" for label, number in numbers[:MAX_BARS])
    return text % {"days": DAYS, "numbers": shown}


def _series(counts: Counts) -> dict[str, int]:
    return {"done": counts.done, "refused": counts.refused, "failed": counts.failed}


def _texts(counts: Counts) -> dict[str, Any]:
    return {series: whole(number) for series, number in _series(counts).items()}


def _outcomes() -> tuple[str, ...]:
    return gettext("Made"), gettext("Refused"), gettext("Failed"), gettext("Total")


def _cells(counts: Counts) -> tuple[str, ...]:
    return (*_texts(counts).values(), whole(counts.total))
