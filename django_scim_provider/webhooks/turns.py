"""Whose turn it is: an endpoint's queue, and the look at what people should know.

A turn is taken by comparing and setting a row, on any database, and comes to an end by itself: a
sender that was killed keeps nobody waiting for longer than that.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import Exists, F, OuterRef, Q

from django_scim_provider.models import Turn, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.webhooks.queues import due_heads

LEASE = timedelta(seconds=30)
"""How long a queue is its sender's; several calls take less."""


def _is_free() -> Q:
    now = utc_now()
    return Q(leased_until=None) | Q(leased_until__lte=now)


def due_endpoints(using: str, most: int) -> list[WebhookEndpoint]:
    """Return endpoints that something waits for, those first that wait longest for a turn."""
    now, waiting = utc_now(), due_heads(using).filter(endpoint=OuterRef("pk"))
    free = WebhookEndpoint.objects.using(using).filter(_is_free(), enabled=True)
    free = free.filter(Q(paused_until=None) | Q(paused_until__lte=now))
    due = free.filter(Exists(waiting)).order_by(F("turn_at").asc(nulls_first=True), "pk")
    return list(due[:most])


def take_queue(using: str, endpoint: WebhookEndpoint) -> UUID | None:
    """Take the queue of an endpoint; return the lease, or None where somebody else has it."""
    lease, now = uuid4(), utc_now()
    rows = WebhookEndpoint.objects.using(using).filter(_is_free(), pk=endpoint.pk, enabled=True)
    taken = rows.update(lease=lease, leased_until=now + LEASE, turn_at=now)
    return lease if taken else None


def keep_queue(using: str, endpoint: WebhookEndpoint, lease: UUID) -> bool:
    """Hold a queue for longer; False where it is somebody else's by now, or disabled."""
    rows = WebhookEndpoint.objects.using(using).filter(pk=endpoint.pk, lease=lease, enabled=True)
    return bool(rows.update(leased_until=utc_now() + LEASE))


def take_turn(using: str, name: str, length: timedelta) -> bool:
    """Be the only one to do something until the time is over; False where somebody else is."""
    now = utc_now()
    rows = Turn.objects.using(using)
    rows.bulk_create([Turn(name=name, until=now)], ignore_conflicts=True)
    return bool(rows.filter(name=name, until__lte=now).update(until=now + length, holder=uuid4()))
