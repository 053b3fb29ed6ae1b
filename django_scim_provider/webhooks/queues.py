"""The queue of an endpoint: which messages may go out, in which order, and what became of them."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from django_scim_provider.models import OutboxMessage, WebhookEndpoint
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.webhooks.heads import heads_of, waiting
from django_scim_provider.webhooks.pinned_https import Receipt

HEADS = 200
"""Subjects of which messages are read at once."""
MOST = 1000
"""Messages that are read at once."""
MAX_ATTEMPTS = 16
"""After so many, in about two days, a message is given up."""
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=6)
PAUSE_AFTER = 10
"""Failures in a row after which all of the queue waits."""
LONGEST_PAUSE = timedelta(hours=1)
GONE = 410

Fate = OutboxMessage.Fate
Chain = list[OutboxMessage]
"""Messages of one subject, which go out one after another."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that was sent, and what became of it."""

    message: OutboxMessage
    receipt: Receipt


def chains_of(using: str, endpoint_id: UUID) -> list[Chain]:
    """Return messages that may go out now, by subject; the oldest subjects first.

    No message goes out while an earlier one of its subject waits, due or not.
    """
    found = {head.subject: [head] for head in heads_of(using, endpoint_id, HEADS)}
    if not found:
        return []
    rows = waiting(using).filter(endpoint=endpoint_id, subject__in=list(found))
    some = list(rows.order_by("version", "pk")[:MOST])
    if len(some) == MOST:  # some may be missing in between
        return list(found.values())
    chains: defaultdict[str, Chain] = defaultdict(list)
    for row in some:
        chains[row.subject].append(row)
    return [_due_part(chains[subject], head) for subject, head in found.items()]


def _due_part(chain: Chain, head: Chain) -> Chain:
    """Return the beginning of a chain that is due; a new message may have come before its head."""
    now = utc_now()
    for number, message in enumerate(chain):
        if utc(message.next_attempt_at) > now:
            return chain[:number]
    return chain or head


def delay_after(attempts: int, longest: timedelta | None = None) -> timedelta:
    """Return how long to wait after so many attempts: three times longer each, at random.

    Many that failed together do not come back together.
    """
    whole: timedelta = min(FIRST_DELAY * 3 ** min(attempts - 1, 16), longest or LONGEST_DELAY)
    return whole * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret


def note_attempts(using: str, endpoint: WebhookEndpoint, attempts: list[Delivery]) -> None:
    """Write what became of messages, and of the endpoint, in one transaction."""
    if attempts:
        in_transaction(using, "", lambda: _note(using, endpoint, attempts))


def _note(using: str, endpoint: WebhookEndpoint, attempts: list[Delivery]) -> None:
    now, rows = utc_now(), OutboxMessage.objects.using(using).filter(state=Fate.WAITING)
    accepted: defaultdict[int | None, list[UUID]] = defaultdict(list)
    of_endpoint: dict[str, Any] = {}
    failures = endpoint.failures
    for attempt in attempts:
        message, receipt = attempt.message, attempt.receipt
        if receipt.is_accepted:
            accepted[receipt.status].append(message.pk)
            of_endpoint |= {"last_success_at": now, "last_status": receipt.status}
            failures = 0
            continue
        failures += 1
        tries = message.attempts + 1
        values = {"attempts": tries, "last_status": receipt.status, "last_problem": receipt.problem}
        rows.filter(pk=message.pk).update(**values, **_fate(tries))
        of_endpoint |= {
            "last_failure_at": now,
            "last_status": receipt.status,
            "last_problem": receipt.problem,
        }
        if receipt.status == GONE:
            of_endpoint |= {"enabled": False, "gone_at": now}
    for status, keys in accepted.items():
        rows.filter(pk__in=keys).update(
            state=Fate.DONE,
            ended_at=now,
            attempts=F("attempts") + 1,
            last_status=status,
            last_problem="",
        )
    pause = None
    if failures >= PAUSE_AFTER:
        pause = now + delay_after(failures - PAUSE_AFTER + 1, LONGEST_PAUSE)
    endpoint.failures = failures
    of_endpoint |= {"failures": failures, "paused_until": pause}
    WebhookEndpoint.objects.using(using).filter(pk=endpoint.pk).update(**of_endpoint)


def _fate(tries: int) -> dict[str, Any]:
    now = utc_now()
    if tries >= MAX_ATTEMPTS:
        return {"state": Fate.DEAD, "ended_at": now}
    return {"next_attempt_at": now + delay_after(tries)}
