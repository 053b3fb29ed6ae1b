"""Recorded exchanges as the page shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.connections.recordings.replaying import ReplayedExchange
from django_scim_provider.models import RecordedExchange
from django_scim_provider.storage.recorder.keeping import Recorded

NOTES = {
    "cut": _("It was cut: more than this is not kept."),
    "large": _("It is too large to be kept."),
    "unread": _("It was not read as JSON, so nothing of it is kept."),
}
LEFT_OUT = {
    "time": _("Not tried: the time was up."),
    "ended": _(
        "Not tried: this request, or one before it, made the database end the transaction in which "
        "all of them were tried."
    ),
    "cut": _("Not tried: not all of it was kept."),
    "unread": _("Not tried: its body was not kept."),
    "sealed": _("Not tried: it cannot be read any more."),
}


@dataclass(frozen=True, slots=True, repr=False)
class ExchangeSide:
    """A request or an answer in lines."""

    head: str
    lines: Sequence[str]
    body: str
    note: Any = ""


@dataclass(frozen=True, slots=True, repr=False)
class TriedRow:
    """What became of one request that was tried again."""

    comparison: ReplayedExchange
    then: ExchangeSide | None
    now: ExchangeSide | None
    left_out: Any = ""


def request_side(told: Recorded) -> ExchangeSide:
    """Return what was asked."""
    query = "&".join(f"{name}={value}" for name, value in told.query.items())
    head = f"{told.method} {told.path}{'?' if query else ''}{query}"
    return ExchangeSide(head, _lines(told.headers), _pretty(told.body), NOTES.get(told.note, ""))


def answer_side(row: RecordedExchange, told: Recorded) -> ExchangeSide:
    """Return what was answered."""
    note = NOTES.get(told.answer_note, "")
    return ExchangeSide(str(row.status), _lines(told.answer_headers), _pretty(told.answer), note)


def tried_row(comparison: ReplayedExchange) -> TriedRow:
    """Return what was answered then, and would be now."""
    then = None if comparison.then is None else answer_side(comparison.row, comparison.then)
    if comparison.status is None:
        return TriedRow(comparison, then, None, LEFT_OUT[comparison.left_out])
    return TriedRow(comparison, then, ExchangeSide(str(comparison.status), (), comparison.answer))


def _lines(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in sorted(headers.items())]


def _pretty(text: str) -> str:
    """Return JSON as people read it; what was cut stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
    except ValueError:
        return text
