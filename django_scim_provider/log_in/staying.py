"""Whether somebody who is logged in may stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

from django_scim_provider.adapter import get_adapter
from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.log_in.refusals import Refusal
from django_scim_provider.models import LinkedAccount
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.storage.request_context import entered
from django_scim_provider.storage.store_context import context_of


def reason_to_leave(user: AbstractBaseUser, provider_id: str | None) -> Refusal | None:
    """Return why a logged-in user may not stay; None: they may, or no connection has a say.

    ``provider_id`` is the connection that the session was opened by, if it was one. One statement
    finds the accounts of the user; a second one asks for memberships, where the connection is an
    organization's, or where no account is active any more.
    """
    using = get_settings().DATABASE
    accounts = LinkedAccount.objects.using(using).filter(user=user.pk).select_related("provider")
    found = list(accounts.defer("resource", "display_name", "display_key"))
    if provider_id is not None:
        own = [each for each in found if each.provider.provider_id == provider_id]
        if not own:
            return Refusal.DEPROVISIONED
        if _has_a_say(own[0]):
            return _reason_of_connection(own[0], user, using)
    return _reason_of_all([each for each in found if _has_a_say(each)], user, using)


def reason_of_lost_user(key: str, provider_id: str) -> Refusal | None:
    """Return why the user of a session that a connection opened is not found by Django any more.

    ``key`` is the user's as the session has it. None: the account is active; the session ended for
    another reason.
    """
    using = get_settings().DATABASE
    own = LinkedAccount.objects.using(using).of(provider_id)
    try:
        found = own.filter(user=get_user_model()._meta.pk.to_python(key)).first()
    except ValidationError:
        return None
    if found is None:
        return Refusal.DEPROVISIONED
    return None if found.active else Refusal.INACTIVE


def _has_a_say(account: LinkedAccount) -> bool:
    """Tell whether the connection speaks for its people still: decommissioned, it says nothing."""
    return account.released_at is None and account.provider.decommissioned_at is None


def _reason_of_connection(
    account: LinkedAccount, user: AbstractBaseUser, using: str
) -> Refusal | None:
    if not account.active:
        return Refusal.INACTIVE
    connection = account.provider
    context = context_of(connection)
    with entered(context):
        told = get_adapter(context.for_project()).is_active(user)
        if told is False or not getattr(user, "is_active", True):
            return Refusal.INACTIVE
        if connection.organization_id is None:
            return None
        backend = get_organization_backend(using=using)
        if backend is None or connection.organization_id not in backend.memberships(user):
            return Refusal.NOT_A_MEMBER
    return None


def _reason_of_all(
    accounts: Sequence[LinkedAccount], user: AbstractBaseUser, using: str
) -> Refusal | None:
    """Return why a session that no connection opened ends: all that knew the user let go of them.

    Not of staff and superusers, whom no connection closes, nor of members of an organization whose
    connection is none of these: they have another reason to be here.
    """
    if not accounts:
        return None
    if getattr(user, "is_active", True) and any(each.active for each in accounts):
        return None
    if any(getattr(user, flag, False) for flag in ("is_staff", "is_superuser")):
        return None
    known = {each.provider.organization_id for each in accounts}
    backend: Any = get_organization_backend(using=using)
    elsewhere = () if backend is None else backend.memberships(user).keys() - known
    if elsewhere and getattr(user, "is_active", True):
        return None
    return Refusal.INACTIVE
