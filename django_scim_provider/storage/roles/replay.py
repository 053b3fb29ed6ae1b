"""Replaying the roles of a connection, in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.roles.effects import RoleEffects
from django_scim_provider.storage.roles.reconcile import BATCH, Roles
from django_scim_provider.storage.roles.role_changes import Narrowing, RoleChanges
from django_scim_provider.storage.store_context import StoreContext, context_of
from django_scim_provider.storage.transactions import in_transaction


@inside(context_of)
def reconcile_roles(
    connection: ProviderConnection,
    *,
    dry_run: bool = False,
    actor: AbstractBaseUser | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RoleChanges:
    """Give all users of a connection what its mappings say, and take back what they do not.

    Each batch is a transaction. ``progress`` is called with how many users are done, and of how
    many. What was given by hand stays. A batch that changed something leaves an event.
    """
    context = context_of(connection)
    everybody = Roles(context).everybody()
    total = RoleChanges()
    for start in range(0, len(everybody), BATCH):
        batch = everybody[start : start + BATCH]
        total.add(_reconciled(context, batch, actor, dry_run=dry_run))
        if progress is not None:
            progress(start + len(batch), len(everybody))
    return total


@inside(context_of)
def reconcile_some_roles(
    connection: ProviderConnection,
    narrowed: Narrowing,
    *,
    actor: AbstractBaseUser | None = None,
    after: str = "",
    most: int,
) -> tuple[RoleChanges, str]:
    """Do the same for some roles, and for no others than the users whom they may concern.

    It begins behind a position of an earlier call, and ends with the batch with which ``most``
    users were looked at. Returns what it did, and the position; none where nobody is left.

    Raises:
        ValueError, ValidationError: there is no such position.
    """
    context = context_of(connection)
    total, looked_at = RoleChanges(), 0
    batches = RoleEffects(context, narrowed).candidates(after)
    for position, _, users in batches:
        total.add(_reconciled(context, users, actor, narrowed=narrowed))
        looked_at += len(users)
        if looked_at >= most:
            return total, position if next(batches, None) is not None else ""
    return total, ""


def _reconciled(
    context: StoreContext,
    users: list[Any],
    actor: AbstractBaseUser | None,
    *,
    dry_run: bool = False,
    narrowed: Narrowing | None = None,
) -> RoleChanges:
    def work() -> RoleChanges:
        event = uuid7()
        roles = Roles(context, dry_run=dry_run, narrowed=narrowed, event=event)
        changes = roles.reconcile(users)
        if (changes.granted or changes.revoked) and not dry_run:
            record_management(
                context.using,
                context.provider_id,
                "reconcile",
                actor_id=actor and actor.pk,
                changed=["roles"],
                id=event,
            )
        return changes

    return in_transaction(context.using, context.provider_id, work)
