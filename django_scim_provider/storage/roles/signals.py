"""Signals about roles, after the commit of what they tell."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.dispatch import Signal

from django_scim_provider.models import RoleGrant
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.store_context import StoreContext, connection_of
from django_scim_provider.storage.transactions import after_commit


def send_after_commit(
    context: StoreContext, signal: Signal, users: Iterable[Any], target: RoleTarget
) -> None:
    """Send a signal for each user, once the transaction is committed."""
    if not signal.receivers:
        return
    connection = connection_of(context)
    for user in users:
        send = partial(
            signal.send_robust,
            sender=RoleGrant,
            connection=connection,
            provider_id=context.provider_id,
            user_id=user.pk,
            **target._asdict(),
        )
        after_commit(context.using, send)
