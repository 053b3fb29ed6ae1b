"""Releasing one account of a connection that is being decommissioned."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import ProtectedResource
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.models.moments import utc_now
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.storage.roles.reconcile import reconcile_user
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.users.host_users import HostUsers


def release_account(
    account: LinkedAccount, connection: ProviderConnection, *, keep_access: bool, event: UUID
) -> bool:
    """Release a locked account, inside a transaction; tell whether its user was left alone.

    ``event`` is the key of the event that tells of it.

    Those who may not be touched (staff, superusers, the owner of the connection, the last owner of
    the organization) keep their log-in and membership.
    """
    using = get_settings().DATABASE
    context = context_of(connection)
    if get_organization_backend(using=using) is None:  # the project has given them up
        context = replace(context, organization_id=None)
    people = HostUsers(context)
    rows = LinkedAccount.objects.using(using).filter(pk=account.pk)
    rows.update(released_at=utc_now())
    reconcile_user(context, account.user_id, people.adapter, event=event)
    try:
        user = people.locked(account.user_id)
        handed_over = people.hand_over(user, account)
        if handed_over:
            rows.update(manages_profile=False)
        if not keep_access:
            _withdraw(people, user, account)
    except ProtectedResource:
        return True
    return False


def _withdraw(people: HostUsers, user: AbstractBaseUser, account: LinkedAccount) -> None:
    """Take the access that the connection gave; ``account`` is released already.

    Raises:
        ProtectedResource: it is the last owner of the organization; nothing has changed.
    """
    people.refuse_last_owner(user)
    if account.active and people.deactivate(user, account.pk):
        people.close(user)
    if people.organizations is not None and people.context.organization_id is not None:
        people.organizations.remove_member(people.context.organization_id, user)
