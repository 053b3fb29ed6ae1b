"""Writing events: in the transaction of the change, or by itself for what was refused."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.statements import Insert

_insert = Insert(
    ProvisioningEvent,
    (
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
        "request_id",
        "duration",
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
) -> None:
    """Write that a change was made; it is undone with the change."""
    _write(
        context,
        action,
        resource_type,
        resource_id,
        outcome=ProvisioningEvent.Outcome.DONE,
        status=status,
        changed=",".join(sorted(changed)),
    )


def record_failure(
    context: StoreContext, action: str, resource_type: str, resource_id: str, error: SCIMError
) -> None:
    """Write that a change was refused (4xx) or failed (5xx)."""
    outcome = ProvisioningEvent.Outcome
    _write(
        context,
        action,
        resource_type,
        resource_id,
        outcome=outcome.FAILED if error.status >= 500 else outcome.REFUSED,
        status=error.status,
        scim_type=error.scim_type or "",
    )


def record_management(
    using: str, provider_id: str, action: str, *, actor_id: Any = None, token_id: Any = None
) -> None:
    """Write what a person or a command did to a connection or a token."""
    context = StoreContext(provider_id=provider_id, using=using, token_id=token_id)
    _write(context, action, "", "", outcome=ProvisioningEvent.Outcome.DONE, actor=actor_id)


def _write(
    context: StoreContext, action: str, resource_type: str, resource_id: str, **values: Any
) -> None:
    row: Mapping[str, Any] = {
        "at": timezone.now(),
        "provider": context.provider_id,
        "token_id": context.token_id,
        "actor": None,
        "action": action,
        "resource_type": resource_type,
        "resource_id": resource_id[:64],
        "status": None,
        "scim_type": "",
        "changed": "",
        "request_id": context.request_id[:64],
        "duration": _milliseconds(context.started),
    }
    _insert.run(context.using, [{**row, **values}])


def _milliseconds(started: float | None) -> int | None:
    return None if started is None else int((time.perf_counter() - started) * 1000)


def changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the names of the attributes that differ between two resources."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
