"""Changes of members in a connection that gives roles: users are locked before, and follow."""

from __future__ import annotations

from uuid import UUID

from django_scim_provider.core.patching.members import MemberChange
from django_scim_provider.storage.groups.members import MemberSet
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import has_one_writer


def move_with_roles(
    held: MemberSet, change: MemberChange, *, renamed: bool, had_roles: bool = False
) -> int:
    """Change the members, and the roles that follow; return how many came or went.

    ``change`` is by ids alone. After a group was renamed, all of its members may follow.
    ``had_roles`` tells whether the connection gave roles when the group was locked.
    """
    if held.is_new and not change.added:
        return 0
    roles, group = Roles(held.context), held.group
    # Without row locks there is one writer, so what the lock told still holds.
    is_alone = not held.is_new and has_one_writer(held.using)
    if not (had_roles or (not is_alone and roles.in_use())):
        return held.apply(change)
    users = roles.lock(roles.touched(group, change, whole=renamed))
    moved = held.apply(change)
    if moved or renamed:
        roles.event = held.event
    roles.reconcile(users | set(roles.users_below([group]) if renamed else ()))
    return moved


def reconcile_members(context: StoreContext, group: UUID, event: UUID) -> None:
    """Bring the roles of all members of a group in line, at any depth, which an event tells of."""
    roles = Roles(context, event=event)
    roles.reconcile(roles.lock(roles.users_below([group])))
