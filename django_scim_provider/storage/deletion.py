"""What becomes of the host's user when a connection lets go of it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.conf import get_settings
from django_scim_provider.models import LinkedAccount


def release_user(account: LinkedAccount, adapter: DefaultAdapter, *, using: str) -> None:
    """Delete or deactivate the user of an account that was just unlinked.

    The user is deleted only when provisioning made it, no other account remains, it has no password
    of its own, and nothing that refers to it is protected; otherwise it stays, and stays active only
    while another connection says so. Nobody whose deletion was answered can still log in.
    """
    user = account.user
    others = LinkedAccount.objects.using(using).filter(user_id=account.user_id)
    may_delete = (
        account.created_user
        and get_settings().DEPROVISION == "delete"
        and not user.has_usable_password()
        and not others.exists()
    )
    if may_delete:
        try:
            with transaction.atomic(using=using):
                adapter.delete_user(user)
        except (ProtectedError, RestrictedError):
            pass
        else:
            return
    active = others.filter(active=True).exists()
    if not active:
        adapter.update_user(user, {}, {}, active=False)
