"""The rows of the outbox that a change writes, where anybody is told of its connection.

A request knows from the row of its token whether there are endpoints at all, so that it writes and
asks nothing where there are none. Who is told is then asked in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connections
from django.db.models import CharField, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.models import LinkedAccount, OutboxMessage, WebhookEndpoint
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.models.outgoing.webhook_endpoints import MessageKind
from django_scim_provider.storage.announcing.tasks_at_commit import send_soon
from django_scim_provider.storage.sql.statements.compiled import Select
from django_scim_provider.storage.sql.statements.compiled_writes import Insert
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of

BATCH = 500
"""Rows of an INSERT at most."""
_KINDS = {
    ("User", "create"): MessageKind.USER_PROVISIONED,
    ("User", "update"): MessageKind.USER_UPDATED,
    ("User", "activate"): MessageKind.USER_UPDATED,
    ("User", "deactivate"): MessageKind.USER_DEACTIVATED,
    ("User", "delete"): MessageKind.USER_DEPROVISIONED,
    ("Group", "create"): MessageKind.GROUP_CHANGED,
    ("Group", "update"): MessageKind.GROUP_CHANGED,
    ("Group", "delete"): MessageKind.GROUP_CHANGED,
}
"""By the resource type and the action of an event; what signals tell is told."""

insert_messages = Insert(
    OutboxMessage,
    (
        "id",
        "endpoint",
        "provider",
        "kind",
        "subject",
        "version",
        "payload",
        "at",
        "state",
        "attempts",
        "next_attempt_at",
        "ended_at",
        "last_status",
        "last_problem",
    ),
)


def _hearing(using: str, provider_id: str) -> QuerySet[Any, Any]:
    endpoints = WebhookEndpoint.objects.using(using).hearing_of(provider_id)
    return endpoints.order_by("pk").values_list("pk", "kinds")


_hearers = Select(_hearing, (CharField(),), ("<provider>",))


def hearers(using: str, provider_id: str) -> list[Any]:
    """Return the keys of the endpoints that are told of a connection, and the kinds of each."""
    if vendor_of(using).orm_only:
        return list(_hearing(using, provider_id))
    return _hearers.rows(using, provider_id)


def kind_of(resource_type: str, action: str) -> str | None:
    """Return what a change is called in messages; None for one that is not told."""
    return _KINDS.get((resource_type, action))


def announce(
    using: str, provider_id: str, events: Sequence[dict[str, Any]], writes: Writes | None = None
) -> None:
    """Write messages about changes, for each endpoint that asks for their kind.

    ``events`` are rows of events, with ``kind``, ``version`` and ``user_name`` beside their
    columns. With ``writes`` the messages wait for what else is written.
    """
    told = [event for event in events if event["kind"] is not None]
    if not told:
        return
    endpoints = hearers(using, provider_id)
    rows = [
        message_row(
            key,
            provider_id,
            event["kind"],
            event["at"],
            subject=event["resource_id"],
            version=event["version"],
            data=_data(event),
        )
        for event in told
        for key, kinds in endpoints
        if not kinds or f",{event['kind']}," in kinds
    ]
    if not rows:
        return
    if writes is not None:
        writes.insert(insert_messages, rows)
    else:
        store_messages(using, rows)
    send_soon(using)


def announce_repair(using: str, account: LinkedAccount, kind: str) -> None:
    """Write messages about a user who was brought in line with an account that stays as it is."""
    event = {
        "kind": kind,
        "at": utc_now(),
        "resource_type": "User",
        "resource_id": account.scim_id,
        "action": "repair",
        "changed": "",
        "version": account.version,
        "user_name": account.user_name,
    }
    announce(using, str(account.provider_id), [event])


def store_messages(using: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write messages, in as few statements as the database takes."""
    limit = connections[using].features.max_query_params
    size = BATCH if limit is None else min(BATCH, limit // len(insert_messages.columns))
    for start in range(0, len(rows), size):
        insert_messages.run(using, rows[start : start + size])


def _data(event: dict[str, Any]) -> dict[str, Any]:
    data = {
        "resourceType": event["resource_type"],
        "id": event["resource_id"],
        "version": event["version"],
        "action": event["action"],
        "changed": event["changed"].split(",") if event["changed"] else [],
    }
    if event["user_name"] and get_settings().WEBHOOK_USER_NAMES:
        data["userName"] = event["user_name"]
    return data


def message_row(
    endpoint: UUID | str,
    provider_id: str,
    kind: str,
    at: datetime,
    *,
    subject: str = "",
    version: int = 0,
    data: dict[str, Any],
) -> dict[str, Any]:
    """Return the row of a message; ``data`` is what it says beside kind, time and connection."""
    key = uuid7()
    payload = {
        "type": str(kind),
        "timestamp": utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {"connection": provider_id, **data},
    }
    return {
        "id": key,
        "endpoint": endpoint,
        "provider": provider_id,
        "kind": str(kind),
        "subject": subject,
        "version": version,
        "payload": orjson.dumps(payload).decode(),
        "at": at,
        "state": OutboxMessage.Fate.WAITING.value,
        "attempts": 0,
        "next_attempt_at": at,
        "ended_at": None,
        "last_status": None,
        "last_problem": "",
    }
