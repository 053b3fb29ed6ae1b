"""Deleting accounts by hand: their users stay, and have nothing by groups any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.models import GroupMember, LinkedAccount, ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.history.effect_rows import KINDS, effect, write_effects
from django_scim_provider.storage.history.value_rows import forget_values
from django_scim_provider.storage.locks import lock_users
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.transactions import in_transaction


def unlink(
    accounts: QuerySet[LinkedAccount, LinkedAccount], *, actor: AbstractBaseUser | None = None
) -> None:
    """Delete accounts, each with an event; log-ins and memberships of their users stay."""
    using = get_settings().DATABASE

    def work() -> None:
        rows = accounts.using(using)
        found = list(rows.values_list("provider", "scim_id", "user", "pk").order_by("pk"))
        lock_users(using, {user for _, _, user, _ in found})
        events = {key: uuid7() for *_, key in found}
        _tell_groups(using, events)
        rows.delete()
        forget_values(using, list(events))
        users: dict[str, list[Any]] = {}
        for provider_id, id, user, key in found:
            users.setdefault(str(provider_id), []).append(user)
            record_management(
                using,
                str(provider_id),
                "unlink",
                actor_id=actor and actor.pk,
                resource_type="User",
                resource_id=id,
                id=events[key],
            )
        connections = ProviderConnection.objects.using(using).filter(provider_id__in=users)
        for connection in connections.order_by("provider_id"):
            roles = Roles(context_of(connection))
            if roles.in_use():
                roles.reconcile(users[connection.provider_id])

    in_transaction(using, "", work)


def _tell_groups(using: str, events: Mapping[UUID, UUID]) -> None:
    """Write which groups lose which of the accounts; ``events`` are those of the accounts."""
    members = GroupMember.objects.using(using).filter(account__in=list(events))
    pairs: Iterable[Any] = members.order_by("pk").values_list("account", "group")
    write_effects(using, [effect(events[key], group, KINDS.LOST) for key, group in pairs])
