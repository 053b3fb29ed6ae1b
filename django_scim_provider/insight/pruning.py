"""Deleting old events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from django_scim_provider.storage.transactions import in_transaction

BATCH_SIZE = 1000


def old_events(
    before: datetime, connection: ProviderConnection | None = None
) -> QuerySet[ProvisioningEvent]:
    """Return the events before a moment, of one connection or of all, the oldest first."""
    rows = ProvisioningEvent.objects.using(get_settings().DATABASE).filter(at__lt=before)
    if connection is not None:
        rows = rows.filter(provider=connection.provider_id)
    return rows.order_by("at")


def prune_events(
    before: datetime,
    *,
    connection: ProviderConnection | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Delete those events for good and return how many they were.

    Each batch is a short transaction that deletes by key, so that nobody waits, and a run that is
    interrupted keeps what it has done; the next one goes on. ``progress`` is called with how many
    are gone.
    """
    rows = old_events(before, connection)
    using, deleted = rows.db, 0
    provider_id = "" if connection is None else connection.provider_id
    batch = list(rows.values_list("pk", "at")[:batch_size])
    while batch:

        def work(keys: list[Any] = [key for key, _ in batch]) -> int:  # noqa: B006 - of this batch
            return ProvisioningEvent.objects.using(using).filter(pk__in=keys).delete()[0]

        deleted += in_transaction(using, provider_id, work)
        if progress is not None:
            progress(deleted)
        # From the last moment on: what is deleted stays in the index until the database cleans up.
        batch = list(rows.filter(at__gte=batch[-1][1]).values_list("pk", "at")[:batch_size])
    return deleted
