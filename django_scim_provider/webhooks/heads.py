"""The messages that may go out next: the first of its subject each, where it is due."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from django_scim_provider.models import OutboxMessage
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.sql.vendors import vendor_of

BATCH = 200
"""Messages that are due, whose subjects are looked at together where the ORM has to do."""


def waiting(using: str) -> QuerySet[OutboxMessage]:
    """Return the messages that are neither delivered nor given up."""
    return OutboxMessage.objects.using(using).filter(state=OutboxMessage.Fate.WAITING)


def _due(using: str) -> QuerySet[OutboxMessage]:
    return waiting(using).filter(next_attempt_at__lte=utc_now())


def heads_of(using: str, endpoint_id: UUID, most: int) -> list[OutboxMessage]:
    """Return messages of an endpoint that may go out now, the first of its subject each.

    Those of the oldest come first.
    """
    if vendor_of(using).orm_only:
        return read_heads(using, endpoint_id, most)
    return list(due_heads(using).filter(endpoint=endpoint_id).order_by("pk")[:most])


def due_heads(using: str) -> QuerySet[OutboxMessage]:
    """Return the messages of all endpoints that may go out now, as one query."""
    earlier = waiting(using).filter(
        Q(version__lt=OuterRef("version")) | Q(version=OuterRef("version"), pk__lt=OuterRef("pk")),
        endpoint=OuterRef("endpoint"),
        subject=OuterRef("subject"),
    )
    return _due(using).filter(~Exists(earlier)).order_by()


def with_due_messages(using: str) -> list[UUID]:
    """Return the keys of endpoints with messages that are due, behind earlier ones or not."""
    return list(_due(using).order_by().values_list("endpoint_id", flat=True).distinct())


def read_heads(using: str, endpoint_id: UUID, most: int) -> list[OutboxMessage]:
    """Return the same as ``heads_of`` without a query inside another.

    What is due is read in batches, and then which message is the first of each of its subjects.
    """
    due = _due(using).filter(endpoint=endpoint_id).order_by("pk")
    others = waiting(using).filter(endpoint=endpoint_id).order_by("version", "pk")
    found: list[OutboxMessage] = []
    seen: set[str] = set()
    batch = list(due[:BATCH])
    while batch and len(found) < most:
        messages = {message.pk: message for message in batch}
        subjects = {message.subject for message in batch} - seen
        first: dict[str, UUID] = {}
        for subject, key in others.filter(subject__in=subjects).values_list("subject", "pk"):
            first.setdefault(subject, key)
        # A head that is in a later batch is found when that is read.
        found += [messages[key] for key in sorted(first.values()) if key in messages]
        seen |= {message.subject for message in found}
        batch = list(due.filter(pk__gt=batch[-1].pk)[:BATCH]) if len(batch) == BATCH else []
    return found[:most]
