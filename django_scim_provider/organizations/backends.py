"""The protocol of organization backends, and the one that the settings name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Protocol

from django.contrib.auth.models import AbstractBaseUser
from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import Forbidden


class OrganizationBackend(Protocol):
    """Called inside the transaction of a request: raising undoes the whole change.

    It is made with ``using``, the alias of the database. Organization ids come from connections; an
    id that names no organization has no members.
    """

    keeps_inactive: ClassVar[bool]
    """Does the membership of somebody who is deactivated stay, marked inactive? False:
    ``set_member_active`` takes it away."""

    def get_membership(self, organization_id: str, user: AbstractBaseUser) -> Any | None:
        """Return what joins the user to the organization, or None; hooks get it as it is."""

    def memberships(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return the active memberships of a user by the ids of their organizations."""

    def roles(self, membership: Any) -> frozenset[str]:
        """Return the names of the roles that a membership gives; an inactive one gives none."""

    def members(self, organization_id: str) -> Iterable[Any]:
        """Return the keys of the members: active ones, and inactive ones where they are kept.

        A queryset of users, or of one column of keys, becomes a subquery, or is filtered by the
        keys that matter; any other collection of keys will do. It is asked in each request, and
        never remembered. Where a database is given no subqueries (MongoDB, SQL Server), one by a
        window or an aggregate, a slice, a union or a relation with many values is read whole.
        """

    def add_member(self, organization_id: str, user: AbstractBaseUser, *, active: bool) -> None:
        """Make the user a plain member, never an owner; a membership that exists keeps its role.

        Raises:
            SCIMError: there is no such organization.
        """

    def remove_member(self, organization_id: str, user: AbstractBaseUser) -> None:
        """Take the user out of the organization and of its teams."""

    def set_member_active(
        self, organization_id: str, user: AbstractBaseUser, *, active: bool
    ) -> None:
        """Suspend or restore the membership."""

    def grant_role(self, organization_id: str, user: AbstractBaseUser, role: str) -> bool:
        """Give a member a role; tell whether that changed anything.

        Owners keep theirs, and nobody becomes one.
        """

    def revoke_role(self, organization_id: str, user: AbstractBaseUser, role: str) -> None:
        """Take a role away again, if the member has it; owners keep theirs."""

    def is_protected(self, organization_id: str, user: AbstractBaseUser) -> bool:
        """Tell whether the user must not be removed or suspended: the last owner."""


class NamingBackend(Protocol):
    """A method that a backend may have beside those of ``OrganizationBackend``."""

    def display_names(self, organization_ids: Collection[str]) -> Mapping[str, str]:
        """Return what people call organizations, by their ids; one that is not there is left out.

        Admin and portal show names where there are some, and ids else. One statement, whatever the
        number.
        """


class ActivityBackend(Protocol):
    """A method that a backend may have beside those of ``OrganizationBackend``."""

    def is_active(self, organization_id: str) -> bool:
        """Tell whether there is an organization with that id, and it is not deactivated.

        Asked on each request with the token of an organization, which opens nothing while the
        answer is no, and before a connection is made for one; so in one cheap query. A backend
        without the method is not asked: every id is taken for an organization.
        """


def is_active_organization(organization_id: str, *, using: str) -> bool:
    """Tell whether the project knows an organization, and has not deactivated it.

    True where its backend cannot say.
    """
    ask = getattr(get_organization_backend(using=using), "is_active", None)
    return ask is None or bool(ask(organization_id))


def get_organization_backend(*, using: str) -> OrganizationBackend | None:
    """Return the backend that the settings name, for one database alias; None for none.

    A new one is made each time, so that nothing that it remembers outlives a request.
    """
    path = get_settings().ORGANIZATION_BACKEND
    if path is None:
        return None
    backend: OrganizationBackend = import_string(path)(using=using)
    return backend


def require_organization_backend(*, using: str) -> OrganizationBackend:
    """Return the backend for the connection of an organization.

    Raises:
        Forbidden: the project has none, so that nobody can say who belongs to the organization.
    """
    backend = get_organization_backend(using=using)
    if backend is None:
        raise Forbidden("Organizations are not enabled.")
    return backend
