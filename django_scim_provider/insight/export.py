"""Events as CSV (RFC 4180), in chunks: however many there are, memory stays as it is."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.moments import utc

FIELDS = (
    "id",
    "at",
    "provider_id",
    "token_id",
    "actor_id",
    "action",
    "resource_type",
    "resource_id",
    "outcome",
    "status",
    "scim_type",
    "changed",
    "left_out",
    "request_id",
    "duration",
)
CHUNK = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """Hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(events: QuerySet[ProvisioningEvent]) -> Iterator[str]:
    """Yield the header and the events, the oldest first, as text of many lines each.

    Each chunk is a query that goes on behind the last event of the one before. A cursor on the
    server would be one query, but drivers of MySQL and MariaDB read its whole result at once,
    PostgreSQL keeps it in a file of its own, and poolers of connections break it.
    """
    writer: Any = csv.writer(_Line())
    yield writer.writerow(FIELDS)
    for rows in _chunks(events):
        yield "".join(writer.writerow([as_cell(value) for value in row]) for row in rows)


def _chunks(events: QuerySet[ProvisioningEvent]) -> Iterator[list[tuple[Any, ...]]]:
    ordered = events.order_by("pk").values_list(*FIELDS)
    rows = list(ordered[:CHUNK])
    while rows:
        yield rows
        last = rows[-1][0]
        rows = list(ordered.filter(pk__gt=last)[:CHUNK]) if len(rows) == CHUNK else []


def as_cell(value: Any) -> str:
    """Return a value as text; one that a spreadsheet would run as a formula starts with ``'``."""
    if isinstance(value, datetime):
        return utc(value).isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
