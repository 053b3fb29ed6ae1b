"""The row of a connection that a token makes."""

from __future__ import annotations

from django.db import connections

from django_scim_provider.models import ProviderConnection


def insert_or_wait(connection: ProviderConnection, using: str) -> None:
    """Store the connection unless another transaction just did, which is waited for.

    An INSERT that fails leaves a transaction of MySQL or MariaDB with a shared lock on the row; two
    that hold one and ask for the exclusive lock are a deadlock. The update takes that lock at once.
    """
    features = connections[using].features
    rows = ProviderConnection.objects.using(using)
    if not features.supports_update_conflicts:
        connection.save(using=using, force_insert=True)
    elif features.supports_update_conflicts_with_target:
        rows.bulk_create(
            [connection],
            update_conflicts=True,
            update_fields=["provider_key"],
            unique_fields=["provider_id"],
        )
    else:
        rows.bulk_create([connection], update_conflicts=True, update_fields=["provider_key"])
