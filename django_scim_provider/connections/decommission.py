"""Decommissioning: a connection closes, and vouches for its users no longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.lifecycle import close_connection, held_connection
from django_scim_provider.insight.activity import events_since
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.events import record_each, record_management
from django_scim_provider.storage.locks import lock_accounts
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.storage.users.decommission import release_account

BATCH_SIZE = 100


@dataclass(slots=True)
class Decommissioning:
    """How far a decommissioning is: accounts in all and those released, by this run or earlier."""

    total: int
    released: int = 0
    protected: int = 0
    """Accounts of this run whose users were left alone: staff, owners."""


@inside(context_of)
def decommission(
    connection: ProviderConnection,
    *,
    keep_access: bool = False,
    batch_size: int = BATCH_SIZE,
    limit: int | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Callable[[Decommissioning], None] | None = None,
) -> Decommissioning:
    """Close a connection, then release its users, in batches of one transaction each.

    The connection no longer vouches for its users: whoever has no other source is deactivated, and
    loses the membership of the connection's organization; another connection may manage the
    profile. With ``keep_access`` log-ins and memberships stay as they are. The accounts are kept.
    One that was interrupted, or released ``limit`` users, goes on where it was when it is called
    again.
    """
    close_connection(connection, actor=actor)
    using = get_settings().DATABASE
    done = remaining(connection)
    left = done.total - done.released
    context = context_of(connection)
    until = left if limit is None else min(left, limit)
    while until > 0:
        batch = _batch(connection, using, min(batch_size, until))
        if not batch:  # somebody else released the others at the same time
            done.released = remaining(connection).released
            break

        def work(keys: list[UUID] = batch) -> int:
            accounts = [each for each in lock_accounts(using, keys) if each.released_at is None]
            events = {account.scim_id: uuid7() for account in accounts}
            protected = sum(
                release_account(
                    account, connection, keep_access=keep_access, event=events[account.scim_id]
                )
                for account in accounts
            )
            record_each(context, "release", "User", events)
            return protected

        done.protected += in_transaction(using, connection.provider_id, work)
        done.released += len(batch)
        until -= len(batch)
        if progress is not None:
            progress(done)
    if done.released >= done.total:
        in_transaction(using, connection.provider_id, partial(_note, connection, using, actor))
    return done


def _note(connection: ProviderConnection, using: str, actor: AbstractBaseUser | None) -> None:
    """Write that it is done, unless somebody who did it at the same time has written so."""
    held = held_connection(connection, using)
    if held.decommissioned_at is None:  # opened again meanwhile
        return
    rows = ProvisioningEvent.objects.using(using).filter(provider=held.provider_id)
    told = events_since(rows, held.decommissioned_at).filter(action="decommission")
    if not told.exists():
        record_management(using, held.provider_id, "decommission", actor_id=actor and actor.pk)


def remaining(connection: ProviderConnection) -> Decommissioning:
    """Return how far the decommissioning of a connection is."""
    accounts = _accounts(connection, get_settings().DATABASE)
    return Decommissioning(
        total=accounts.count(), released=accounts.exclude(released_at=None).count()
    )


def _accounts(connection: ProviderConnection, using: str) -> QuerySet[LinkedAccount]:
    return LinkedAccount.objects.using(using).of(connection.provider_id)


def _batch(connection: ProviderConnection, using: str, size: int) -> list[UUID]:
    accounts = _accounts(connection, using).filter(released_at=None).order_by("pk")
    return list(accounts.values_list("pk", flat=True)[:size])
