"""Deleting old events and failures; who failed, and values, when the days for those are over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.activity import SLACK
from django_scim_provider.models import (
    EventEffect,
    EventValues,
    Failure,
    ProviderConnection,
    ProvisioningEvent,
)
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.failures.identities import forget_identities
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
            for model in (EventEffect, EventValues):
                model._default_manager.using(using).filter(event__in=keys).delete()
            return ProvisioningEvent.objects.using(using).filter(pk__in=keys).delete()[0]

        deleted += in_transaction(using, provider_id, work)
        if progress is not None:
            progress(deleted)
        # From the last moment on: what is deleted stays in the index until the database cleans up.
        batch = list(rows.filter(at__gte=batch[-1][1]).values_list("pk", "at")[:batch_size])
    if connection is None:
        _prune_effects(using, before, batch_size)
    return deleted


def _prune_effects(using: str, before: datetime, batch_size: int) -> None:
    """Delete what events did that went before, with a connection that was deleted."""
    rows = EventEffect.objects.using(using).filter(event__lt=least_key_of(before - SLACK))
    while batch := list(rows.order_by("event_id").values_list("pk", flat=True)[:batch_size]):

        def work(keys: list[Any] = batch) -> int:
            return EventEffect.objects.using(using).filter(pk__in=keys).delete()[0]

        in_transaction(using, "", work)


def old_failures(
    before: datetime, connection: ProviderConnection | None = None
) -> QuerySet[Failure]:
    """Return the failures that did not happen since a moment, open or not, the oldest first."""
    return _failures(connection).filter(last_at__lt=before).order_by("last_at")


def prune_failures(
    before: datetime, *, connection: ProviderConnection | None = None, batch_size: int = BATCH_SIZE
) -> int:
    """Delete those failures, in short transactions, and return how many they were."""
    rows, deleted = old_failures(before, connection), 0
    provider_id = "" if connection is None else connection.provider_id
    while batch := list(rows.values_list("pk", flat=True)[:batch_size]):

        def work(keys: list[Any] = batch) -> int:
            return Failure.objects.using(rows.db).filter(pk__in=keys).delete()[0]

        deleted += in_transaction(rows.db, provider_id, work)
    return deleted


def forget_old_identities(connection: ProviderConnection | None = None) -> int:
    """Delete the names of those who failed longer ago than they are kept; return how many."""
    return forget_identities(_failures(connection).filter(identity_until__lte=utc_now()))


def forget_old_values(
    connection: ProviderConnection | None = None, batch_size: int = BATCH_SIZE
) -> int:
    """Delete what attributes held before and after, once its days are over; return of how many.

    Where the project keeps none any more, all of it goes.
    """
    rows = EventValues.objects.using(get_settings().DATABASE)
    rows = rows if connection is None else rows.filter(event__provider=connection.provider_id)
    if days := get_settings().EVENT_VALUES:
        # A project that shortens the time means those that it has as well.
        latest = least_key_of(utc_now() - timedelta(days=days))
        rows = rows.filter(Q(until__lte=utc_now()) | Q(event__lt=latest))
    deleted, provider_id = 0, "" if connection is None else connection.provider_id
    while batch := list(rows.values_list("pk", flat=True)[:batch_size]):

        def work(keys: list[Any] = batch) -> int:
            return EventValues.objects.using(rows.db).filter(pk__in=keys).delete()[0]

        deleted += in_transaction(rows.db, provider_id, work)
    return deleted


def _failures(connection: ProviderConnection | None) -> QuerySet[Failure]:
    rows = Failure.objects.using(get_settings().DATABASE)
    return rows if connection is None else rows.filter(provider=connection.provider_id)
