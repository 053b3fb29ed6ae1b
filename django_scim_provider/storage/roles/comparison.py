"""What users have by roles, against what a connection stands for now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.organizations import can_grant, get_organization_backend
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.roles.role_changes import Narrowing
from django_scim_provider.storage.roles.role_sources import RoleSource
from django_scim_provider.storage.roles.targets import RoleTarget, target_of
from django_scim_provider.storage.store_context import StoreContext


class RoleState(StrEnum):
    """How a role differs."""

    MISSING = "missing"
    """A group or an attribute stands for it, and it was not given yet."""
    UNBACKED = "unbacked"
    """It was given, and nothing stands for it any more."""
    TAKEN = "taken"
    """It was given and something stands for it, but somebody took it by hand."""


class RoleDifference(NamedTuple):
    """One role of one user."""

    target: RoleTarget
    state: RoleState


class RoleComparison(Roles):
    """Reads only, with as many queries for one user as for a batch of them.

    The mappings and what stands for them are read once.
    """

    def __init__(self, context: StoreContext, narrowed: Narrowing | None = None) -> None:
        super().__init__(context, dry_run=True, narrowed=narrowed)
        self.backend = get_organization_backend(using=self.using)

    @cached_property
    def _mappings(self) -> list[RoleSource]:
        return self._mapped()

    @cached_property
    def _used(self) -> bool:
        return self.in_use()

    def differences(
        self,
        users: Sequence[AbstractBaseUser],
        memberships: Mapping[Any, Mapping[str, Any]],
    ) -> dict[Any, list[RoleDifference]]:
        """Return what differs, by the user's key.

        ``memberships`` are the active ones of each user, by organization. What a user has by hand
        is not a difference, nor what the backend or adapter would not give.
        """
        if not users or not self._used:
            return {}
        keys = [user.pk for user in users]
        due = set(self._due(keys, self._mappings))
        grants = self._grants().filter(user__in=keys)
        held = {(grant.user_id, target_of(grant)) for grant in grants}
        found: dict[Any, list[RoleDifference]] = {}
        targets = {target for _, target in due | held}
        having = {target: self._having(target, users, memberships) for target in targets}
        shared = {target: self._shared(list(users), target) for target in targets}
        for key, target in sorted(due | held, key=str):
            state = None
            has = having[target]
            if (key, target) not in due:
                state = RoleState.UNBACKED
            elif has is not None and (key, target) not in held:
                lacks = key in shared[target] or key not in has
                state = RoleState.MISSING if lacks else None
            elif has is not None and key not in has:
                replaced = target.organization_role and self._replaced(key, due, memberships)
                state = None if replaced else RoleState.TAKEN
            if state is not None:
                found.setdefault(key, []).append(RoleDifference(target, state))
        return found

    def _having(
        self,
        target: RoleTarget,
        users: Sequence[AbstractBaseUser],
        memberships: Mapping[Any, Mapping[str, Any]],
    ) -> set[Any] | None:
        """Return the keys of those who have a role already, or may not have it; None: unknown."""
        if target.django_group_id is not None:
            if not hasattr(get_user_model(), "groups"):  # a user model without permissions
                return None
            return self._holders(list(users), target)
        if target.project_role is not None:
            holders = self.adapter.role_holders(users, target.project_role)
            return None if holders is None else set(holders)
        id = self.context.organization_id
        return {
            user.pk
            for user in users
            if self.backend is None
            or (membership := memberships.get(user.pk, {}).get(str(id))) is None
            or not can_grant(self.backend, membership, str(target.organization_role))
        }

    def _replaced(
        self,
        key: Any,
        due: set[tuple[Any, RoleTarget]],
        memberships: Mapping[Any, Mapping[str, Any]],
    ) -> bool:
        """Tell whether a user is due another role that takes the place of this one."""
        membership = memberships.get(key, {}).get(str(self.context.organization_id))
        if self.backend is None or membership is None:
            return False
        roles = self.backend.roles(membership)
        return any(user == key and target.organization_role in roles for user, target in due)
