"""Signals about accounts, after the commit of what they report."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.dispatch import Signal

from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.store_context import StoreContext, connection_of
from django_scim_provider.storage.transactions import after_commit


def send_after_commit(context: StoreContext, signal: Signal, key: UUID, **more: Any) -> None:
    """Send a signal with the account as it is now, once the transaction is committed.

    ``more`` are further arguments of the signal.
    """
    if not signal.receivers:
        return
    account = LinkedAccount.objects.using(context.using).of(context.provider_id).get(pk=key)
    sent = {"account": account, "connection": connection_of(context), **more}
    send = partial(signal.send_robust, sender=LinkedAccount, **sent)
    after_commit(context.using, send)
