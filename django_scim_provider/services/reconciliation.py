"""Replaying the roles of a connection, in batches."""

from __future__ import annotations

from collections.abc import Callable

from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.base import in_transaction
from django_scim_provider.storage.contexts import context_of
from django_scim_provider.storage.roles import BATCH, RoleChanges, Roles


def reconcile_roles(
    connection: ProviderConnection,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> RoleChanges:
    """Give all users of a connection what its mappings say, and take back what they do not.

    Each batch is a transaction. ``progress`` is called with how many users are done, and of how
    many. What was given by hand stays.
    """
    context = context_of(connection)
    everybody = Roles(context).everybody()
    total = RoleChanges()
    for start in range(0, len(everybody), BATCH):
        batch = everybody[start : start + BATCH]

        def work(users: list[object] = batch) -> RoleChanges:
            return Roles(context, dry_run=dry_run).reconcile(users)

        changes = in_transaction(context.using, connection.provider_id, work)
        total.granted += changes.granted
        total.revoked += changes.revoked
        if progress is not None:
            progress(start + len(batch), len(everybody))
    return total
