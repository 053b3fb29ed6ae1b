"""What an organization backend is asked about many users at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.organizations.backends import OrganizationBackend


@runtime_checkable
class BatchBackend(Protocol):
    """Methods that a backend may have beside those of ``OrganizationBackend``.

    With them, comparing a batch of users takes a fixed number of queries; without, a few for each
    user. Users are named by their keys in what is returned.
    """

    def memberships_of(self, users: Sequence[AbstractBaseUser]) -> Mapping[Any, Mapping[str, Any]]:
        """Return the active memberships of each user by organization, as ``memberships`` does."""

    def last_owners(self, users: Sequence[AbstractBaseUser]) -> Mapping[Any, Collection[str]]:
        """Return the organizations that each user is the last owner of; nothing is locked.

        The rule is that of ``is_protected``.
        """

    def can_grant(self, membership: Any, role: str) -> bool:
        """Tell whether ``grant_role`` would change an active membership."""


def memberships_of(
    backend: OrganizationBackend, users: Sequence[AbstractBaseUser]
) -> Mapping[Any, Mapping[str, Any]]:
    """Return the active memberships of users by their keys and organizations."""
    if isinstance(backend, BatchBackend):
        return backend.memberships_of(users)
    return {user.pk: backend.memberships(user) for user in users}


def last_owners(
    backend: OrganizationBackend,
    users: Sequence[AbstractBaseUser],
    organizations: Mapping[Any, Iterable[str]],
) -> Mapping[Any, Collection[str]]:
    """Return which of the organizations, listed by user, each user is the last owner of.

    It runs in a transaction: backends lock what they decide by.
    """
    if isinstance(backend, BatchBackend):
        found = backend.last_owners(users)
        listed = {key: set(ids) for key, ids in organizations.items()}
        return {key: set(ids) & listed.get(key, set()) for key, ids in found.items()}
    return {
        user.pk: [id for id in organizations.get(user.pk, ()) if backend.is_protected(id, user)]
        for user in users
    }


def can_grant(backend: OrganizationBackend, membership: Any, role: str) -> bool:
    """Tell whether granting a role would change a membership, as far as the backend says."""
    if isinstance(backend, BatchBackend):
        return backend.can_grant(membership, role)
    return role not in backend.roles(membership)
