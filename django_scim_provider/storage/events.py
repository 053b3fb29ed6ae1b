"""Writing events: in the transaction of the change, or by itself for what was refused.

Where a context has a batch, its events wait there for ``write_batch``, in the same transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections

from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.validation.scim_ids import MAX_ID_LENGTH
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.announcing.outbox_rows import announce, kind_of
from django_scim_provider.storage.history.value_rows import insert_values
from django_scim_provider.storage.sql.statements.compiled_writes import Insert
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import EventBatch, StoreContext
from django_scim_provider.storage.transactions import write_aside

logger = logging.getLogger("django_scim_provider")

BATCH = 500
"""Rows of an INSERT at most."""

_insert = Insert(
    ProvisioningEvent,
    (
        "id",
        "at",
        "provider",
        "token_id",
        "actor",
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
        "failure_id",
    ),
)


def record_change(
    context: StoreContext,
    action: str,
    resource_type: str,
    resource_id: str,
    *,
    status: int,
    changed: Iterable[str] = (),
    version: int = 0,
    user_name: str = "",
    writes: Writes | None = None,
    key: UUID | None = None,
    values: dict[str, Any] | None = None,
) -> None:
    """Write that a change was made, with ``writes`` if given; it is undone with the change.

    ``key`` is that of the event, where something refers to it already; ``values`` is a row of
    ``history.value_rows``.

    Webhooks are told of it: of what became ``version`` of the resource, and where the project wants
    it, under the ``user_name``.
    """
    kind = kind_of(resource_type, action) if context.webhooks else None
    own = {} if key is None else {"id": key}
    _write(
        context,
        action,
        resource_type,
        resource_id,
        outcome=ProvisioningEvent.Outcome.DONE,
        status=status,
        writes=writes,
        changed=",".join(sorted(changed)),
        kind=kind,
        version=version,
        user_name=user_name,
        kept=values,
        **own,
    )


def record_new_address(
    context: StoreContext, id: str, *, writes: Writes | None = None, key: UUID | None = None
) -> None:
    """Write that provisioning changed the e-mail address of an account's user.

    That is where links to reset a password go. ``key`` is that of the event, for who may have to
    ``forget`` it.
    """
    own = {} if key is None else {"id": key}
    outcome = ProvisioningEvent.Outcome.DONE
    told: dict[str, Any] = {"outcome": outcome, "status": 200, "changed": "emails", **own}
    _write(context, "change_email", "User", id, writes=writes, **told)


def forget(context: StoreContext, key: UUID) -> None:
    """Take back an event of the same transaction, of what was not done after all."""
    if context.events is not None:
        context.events.rows[:] = [row for row in context.events.rows if row["id"] != key]
    else:
        ProvisioningEvent.objects.using(context.using).filter(pk=key).delete()


def record_left_out(
    context: StoreContext, resource_type: str, resource_id: str, names: Iterable[str]
) -> None:
    """Write which attributes of a request were not stored, as no schema defines them.

    The request does not depend on it. The log has it as well.
    """
    told = ",".join(names)
    logger.info(
        "SCIM attributes of %s that no schema defines were left out: %s %s: %s",
        context.provider_id,
        resource_type,
        resource_id,
        told,
    )
    write = partial(
        _write,
        context,
        ProvisioningEvent.Action.LEAVE_OUT,
        resource_type,
        resource_id,
        outcome=ProvisioningEvent.Outcome.DONE,
        status=200,
        left_out=told,
    )
    if context.events is not None:
        write()
    else:
        write_aside(context.using, "The event of attributes that were left out", write)


def record_failure(
    context: StoreContext,
    action: str,
    resource_type: str,
    resource_id: str,
    error: SCIMError,
    *,
    failure: UUID | None = None,
) -> None:
    """Write that a change was refused (4xx, and 501: not offered) or failed (other 5xx).

    ``failure`` is the key of the row that tells more of it.
    """
    outcome = ProvisioningEvent.Outcome
    failed = error.status >= 500 and error.status != 501
    _write(
        context,
        action,
        resource_type,
        resource_id,
        outcome=outcome.FAILED if failed else outcome.REFUSED,
        status=error.status,
        scim_type=error.scim_type or "",
        failure_id=failure,
    )


def record_management(
    using: str,
    provider_id: str,
    action: str,
    *,
    actor_id: Any = None,
    token_id: Any = None,
    **values: Any,
) -> None:
    """Write what a person or a command did to a connection, or to what belongs to it.

    ``values`` are further columns of the event: ``resource_type``, ``resource_id``, ``changed``
    (names), ``status`` of what was refused, or ``id`` where something refers to it already.
    """
    context = StoreContext(provider_id=provider_id, using=using, token_id=token_id)
    refused = values.get("status") is not None
    outcome = ProvisioningEvent.Outcome.REFUSED if refused else ProvisioningEvent.Outcome.DONE
    resource = values.pop("resource_type", ""), str(values.pop("resource_id", ""))
    names = ",".join(sorted(values.pop("changed", ())))
    _write(context, action, *resource, outcome=outcome, actor=actor_id, changed=names, **values)


def record_each(
    context: StoreContext, action: str, resource_type: str, ids: Mapping[str, UUID]
) -> None:
    """Write that the same happened to many resources, in few statements.

    ``ids`` are theirs with the keys of the events.
    """
    batch = EventBatch(started=None)
    told = replace(context, events=batch)
    for id, key in ids.items():
        _write(told, action, resource_type, id, outcome=ProvisioningEvent.Outcome.DONE, id=key)
    write_batch(context.using, batch)


def record_of_connections(
    using: str, provider_ids: Iterable[str], action: str, *, actor_id: Any = None
) -> None:
    """Write that a person did the same to many connections, in few statements."""
    batch = EventBatch(started=None)
    for id in provider_ids:
        context = StoreContext(provider_id=id, using=using, token_id=None, events=batch)
        _write(context, action, "", "", outcome=ProvisioningEvent.Outcome.DONE, actor=actor_id)
    write_batch(using, batch)


def write_batch(using: str, batch: EventBatch) -> None:
    """Write the events that wait, in their order, in as few statements as the database takes."""
    limit = connections[using].features.max_query_params
    size = BATCH if limit is None else min(BATCH, limit // len(_insert.columns))
    for start in range(0, len(batch.rows), size):
        rows = batch.rows[start : start + size]
        _insert.run(using, rows)
        insert_values.run(using, [row["kept"] for row in rows if row["kept"] is not None])
    if batch.rows:
        announce(using, batch.rows[0]["provider"], batch.rows)


def _write(
    context: StoreContext,
    action: str,
    resource_type: str,
    resource_id: str,
    *,
    writes: Writes | None = None,
    **values: Any,
) -> None:
    waiting = context.events
    row: dict[str, Any] = {
        "id": values.get("id") or uuid7(),
        "at": utc_now(),
        "provider": context.provider_id,
        "token_id": context.token_id,
        "actor": None,
        "action": action[:32],
        "resource_type": resource_type[:64],
        "resource_id": resource_id[:MAX_ID_LENGTH],
        "status": None,
        "changed": "",
        "left_out": "",
        "request_id": context.request_id[:64],
        "failure_id": None,
        "duration": _milliseconds(context.started if waiting is None else waiting.started),
        "kind": None,
        "kept": None,
        **values,
        "scim_type": values.get("scim_type", "")[:32],
    }
    if waiting is not None:
        waiting.rows.append(row)
        return
    kept = [] if row["kept"] is None else [row["kept"]]
    if writes is not None:
        writes.insert(_insert, [row])
        writes.insert(insert_values, kept)
    else:
        _insert.run(context.using, [row])
        insert_values.run(context.using, kept)
    announce(context.using, context.provider_id, [row], writes)


def _milliseconds(started: float | None) -> int | None:
    return None if started is None else int((time.perf_counter() - started) * 1000)
