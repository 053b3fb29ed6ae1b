"""The row of a connection that a token makes."""

from __future__ import annotations

from django.db import IntegrityError, connections

from django_scim_provider.core.folding import fold
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Overtaken


def insert_or_wait(connection: ProviderConnection, using: str) -> None:
    """Store the connection unless another transaction just did, which is waited for.

    An INSERT that fails leaves a transaction of MySQL or MariaDB with a shared lock on the row; two
    that hold one and ask for the exclusive lock are a deadlock. The update takes that lock at once.

    Raises:
        IntegrityError: another connection has this id but for case.
        Overtaken: somebody was faster, whom nobody waits for on this database; whoever began the
            transaction begins again, and sees it.
    """
    rows = ProviderConnection.objects.using(using)
    if vendor_of(using).orm_only:
        if rows.filter(provider_key=fold(connection.provider_id)).exists():
            raise IntegrityError("There is a connection with this id but for case.")
        try:
            connection.save(using=using, force_insert=True)
        except IntegrityError as error:
            raise Overtaken from error
        return
    features = connections[using].features
    if features.supports_update_conflicts_with_target:
        rows.bulk_create(
            [connection],
            update_conflicts=True,
            update_fields=["provider_key"],
            unique_fields=["provider_id"],
        )
    else:
        rows.bulk_create([connection], update_conflicts=True, update_fields=["provider_key"])
