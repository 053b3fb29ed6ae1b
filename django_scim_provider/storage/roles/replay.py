"""Replaying the roles of a connection, in batches."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.roles.reconcile import BATCH, RoleChanges, Roles
from django_scim_provider.storage.store_context import context_of
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

        def work(users: list[object] = batch) -> RoleChanges:
            changes = Roles(context, dry_run=dry_run).reconcile(users)
            if (changes.granted or changes.revoked) and not dry_run:
                record_management(
                    context.using,
                    context.provider_id,
                    "reconcile",
                    actor_id=actor and actor.pk,
                    changed=["roles"],
                )
            return changes

        changes = in_transaction(context.using, connection.provider_id, work)
        total.granted += changes.granted
        total.revoked += changes.revoked
        if progress is not None:
            progress(start + len(batch), len(everybody))
    return total
