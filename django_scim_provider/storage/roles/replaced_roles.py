"""Roles in an organization where a member has one at a time, and several are due.

There a granted role takes the place of the other. A default role takes nobody's place but another
default one's, and what was replaced comes back when the other goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.organizations import get_organization_backend, memberships_of
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.store_context import StoreContext

Pairs = Collection[tuple[Any, RoleTarget]]


class ReplacedRoles:
    """What the members among some users had before their roles are written.

    Asks nothing unless somebody gains or loses a role of the organization beside another one.
    """

    def __init__(
        self,
        context: StoreContext,
        users: Mapping[Any, AbstractBaseUser],
        due: Mapping[tuple[Any, RoleTarget], UUID],
        lost: Pairs,
        gained: Pairs,
    ) -> None:
        self.context = context
        self.backend = get_organization_backend(using=context.using)
        self.due, self.lost = _by_user(due), _by_user(lost)
        changing = _by_user(gained).keys() | self.lost.keys()
        self.users = [
            users[key]
            for key in sorted(changing & self.due.keys(), key=str)
            if len(self.due[key]) + len(self.lost.get(key, ())) > 1
        ]
        self.before = self._held()

    def _held(self) -> dict[Any, frozenset[str]]:
        """Return the roles that each of the users has in the organization."""
        if self.backend is None or not self.users:
            return {}
        id = str(self.context.organization_id)
        found = memberships_of(self.backend, self.users)
        return {key: self.backend.roles(held[id]) for key, held in found.items() if held.get(id)}

    def to_give_again(self, defaults: Collection[RoleTarget]) -> list[tuple[Any, RoleTarget]]:
        """Return users with the role that is to be theirs again, once all is written."""
        now, found = self._held(), []
        for user in self.users:
            before, has = self.before.get(user.pk, frozenset()), now.get(user.pk)
            if has is None:
                continue
            due = sorted(self.due[user.pk], key=lambda each: (each not in defaults, each.key))
            holds = [each for each in due if each.organization_role in has]
            was = [each for each in due if each.organization_role in before]
            if any(each not in defaults for each in holds):
                continue
            special = [each for each in was if each not in defaults]
            had_lost = any(each.organization_role in before for each in self.lost.get(user.pk, ()))
            if special or (had_lost and not holds):
                found.append((user, (special or due)[-1]))
        return found


def _by_user(pairs: Iterable[tuple[Any, RoleTarget]]) -> dict[Any, list[RoleTarget]]:
    """Return the roles of the organization by the user."""
    found: dict[Any, list[RoleTarget]] = {}
    for key, target in pairs:
        if target.organization_role is not None:
            found.setdefault(key, []).append(target)
    return found
