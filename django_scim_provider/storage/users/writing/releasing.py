"""What becomes of the host's user behind an account that is deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.deletions.host_rows import (
    delete_host_user,
    forget_key,
    whole_plan,
)
from django_scim_provider.storage.roles.reconcile import reconcile_user
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.account_rows import AccountRow
from django_scim_provider.storage.users.host_users import HostUsers
from django_scim_provider.storage.users.screening.asking import is_default
from django_scim_provider.storage.users.writing.account_deletions import (
    Alone,
    Rest,
    delete_account,
)


def delete_and_release(
    people: HostUsers, user: AbstractBaseUser, account: AccountRow, writes: Writes
) -> bool | None:
    """Write what waits, delete a locked account, and release its user, who is locked as well.

    Returns None where the user was deleted, else whether the log-in was closed.

    The user is deleted only when provisioning made it, no other account, membership or way to log
    in remains, the connection is not an organization's, and nothing that refers to it is protected.
    An organization loses the member and never deletes a user.

    Raises:
        ProtectedResource: it is the last owner of the organization.
    """
    has_other_login = cache(partial(people.adapter.has_other_login, user))
    alone = _alone(people, user, account, has_other_login)
    rest = delete_account(writes, people.context, account, user, alone)
    if alone is not None and not any(rest):
        forget_key(user)
        return None
    people.refuse_last_owner(user)
    if rest.has_roles:
        reconcile_user(people.context, user.pk, people.adapter)
        people.forget_memberships()
    if rest.has_others:
        people.hand_over(user, account)
    if people.organizations is not None and people.context.organization_id is not None:
        people.forget_memberships()
        people.organizations.remove_member(people.context.organization_id, user)
    elif _may_delete(people, user, account, rest, has_other_login) and delete_host_user(
        people.adapter, user, owns=rest.owns_connections
    ):
        return None
    if not people.closes(user, account.key, elsewhere=None if rest.has_others else False):
        return False
    closed = bool(user.is_active) or not account.active
    people.close(user)
    return closed


def _alone(
    people: HostUsers,
    user: AbstractBaseUser,
    account: AccountRow,
    has_other_login: Callable[[], bool],
) -> Alone | None:
    """Return what deletes the user together with the account, if there is nothing else of them.

    None where the project has to be asked: for organizations, or whether somebody has another way
    to log in, which its adapter may answer by what the database has once the account is gone.
    """
    adapter = people.adapter
    if not vendor_of(people.using).writes_in_with or people.backend is not None:
        return None
    if get_settings().DEPROVISION != "delete" or not account.created_user:
        return None
    plan = whole_plan(adapter, user) if is_default(adapter, "has_other_login") else None
    if plan is None or has_other_login():
        return None
    return Alone(*plan.alone(user))


def _may_delete(
    people: HostUsers,
    user: AbstractBaseUser,
    account: AccountRow,
    rest: Rest,
    has_other_login: Callable[[], bool],
) -> bool:
    if get_settings().DEPROVISION != "delete":
        return False
    if not account.created_user and not people.inherits(user, account):
        return False
    if rest.has_others or people.is_member_elsewhere(user):
        return False
    return not has_other_login()
