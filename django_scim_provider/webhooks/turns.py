"""Whose turn it is: an endpoint's queue, and the look at what people should know.

A turn is taken by comparing and setting a row, on any database, and comes to an end by itself: a
sender that was killed keeps nobody waiting for longer than that.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import islice
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.db.models import Exists, F, OuterRef, Q

from django_scim_provider.models import Turn, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.webhooks.heads import due_heads, read_heads, with_due_messages

LEASE = timedelta(seconds=30)
"""How long a queue is its sender's; several calls take less."""


def _is_free() -> Q:
    now = utc_now()
    return Q(leased_until=None) | Q(leased_until__lte=now)


def due_endpoints(using: str, most: int) -> list[WebhookEndpoint]:
    """Return endpoints that something waits for, those first that wait longest for a turn."""
    free = WebhookEndpoint.objects.using(using).filter(_is_free(), enabled=True)
    free = free.filter(Q(paused_until=None) | Q(paused_until__lte=utc_now()))
    free = free.order_by(F("turn_at").asc(nulls_first=True), "pk")
    if vendor_of(using).orm_only:
        some = free.filter(pk__in=with_due_messages(using))
        return list(islice((each for each in some if read_heads(using, each.pk, 1)), most))
    waiting = due_heads(using).filter(endpoint=OuterRef("pk"))
    return list(free.filter(Exists(waiting))[:most])


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
    now, rows = utc_now(), Turn.objects.using(using)
    if not rows.filter(name=name).exists():
        with suppress(IntegrityError):  # somebody else was first
            in_transaction(using, "", lambda: rows.create(name=name, until=now))
    return bool(rows.filter(name=name, until__lte=now).update(until=now + length, holder=uuid4()))
