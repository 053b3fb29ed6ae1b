"""What becomes of the host's user when a connection lets go of it."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.conf import get_settings
from django_scim_provider.models import LinkedAccount


def release_user(
    user: AbstractBaseUser, adapter: DefaultAdapter, *, may_delete: bool, using: str
) -> None:
    """Delete or deactivate a user that a connection just let go of.

    The user is deleted only when provisioning made it (``may_delete``), no other account remains,
    it
    has no password of its own, and nothing that refers to it is protected; otherwise it stays, and
    stays active only while another connection says so. Nobody whose deletion was answered can still
    log in.
    """
    others = LinkedAccount.objects.using(using).filter(user_id=user.pk)
    deletes = may_delete and get_settings().DEPROVISION == "delete"
    if deletes and not user.has_usable_password() and not others.exists():
        try:
            with transaction.atomic(using=using):
                adapter.delete_user(user)
        except (ProtectedError, RestrictedError):
            pass
        else:
            return
    if not others.filter(active=True).exists():
        adapter.update_user(user, {}, {}, active=False)
