"""Events as the rows of a file, in chunks: however many there are, memory stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from django_scim_provider.models import ProvisioningEvent

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


def event_rows(events: QuerySet[ProvisioningEvent]) -> Iterator[Sequence[Any]]:
    """Yield the events, the oldest first, as ``FIELDS`` has their columns.

    Each chunk is a query that goes on behind the last event of the one before. A cursor on the
    server would be one query, but drivers of MySQL and MariaDB read its whole result at once,
    PostgreSQL keeps it in a file of its own, and poolers of connections break it.
    """
    ordered = events.order_by("pk").values_list(*FIELDS)
    rows = list(ordered[:CHUNK])
    while rows:
        yield from rows
        last = rows[-1][0]
        rows = list(ordered.filter(pk__gt=last)[:CHUNK]) if len(rows) == CHUNK else []
