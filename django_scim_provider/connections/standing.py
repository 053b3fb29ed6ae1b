"""Who one user is to connections: owner, member of an organization with a role for them, nobody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection
from django_scim_provider.organizations import get_organization_backend


class Standing:
    """What one user is to connections, asked anew each time."""

    def __init__(self, user: AbstractBaseUser) -> None:
        self.user = user
        self.using = get_settings().DATABASE
        self.organizations = get_organization_backend(using=self.using)

    def managed_organizations(self) -> list[str]:
        """Return the ids of the organizations whose connections the user may manage."""
        if self.organizations is None:
            return []
        memberships = self.organizations.memberships(self.user)
        return [id for id, held in memberships.items() if self._has_role(held)]

    def _known(self, *, closed: bool = False) -> QuerySet[ProviderConnection]:
        """Return all connections; ``closed`` takes in those that were deleted."""
        rows = ProviderConnection.objects.using(self.using).all()
        return rows if closed else rows.filter(decommissioned_at=None)

    def _belongs_to_user(self) -> Q:
        condition = Q(owner=self.user.pk, organization_id=None)
        if not _ownership():
            condition |= Q(owner=None, organization_id=None)
        if self.organizations is not None:
            condition |= Q(organization_id__in=self.managed_organizations())
        return condition

    def _knows(self, connection: ProviderConnection) -> bool:
        if connection.organization_id is None:
            return self._is_owner(connection)
        if self.organizations is None:
            return False
        return connection.organization_id in self.organizations.memberships(self.user)

    def _is_owner(self, connection: ProviderConnection) -> bool:
        if connection.owner_id is None:
            return not _ownership()  # a connection without owner is closed to all, or shared
        return bool(connection.owner_id == self.user.pk)

    def _owns(self, connection: ProviderConnection | None) -> bool:
        """Tell whether the user is, or of a new connection becomes, the owner."""
        return _ownership() if connection is None else connection.owner_id is not None

    def _organization_of(self, connection: ProviderConnection) -> str | None:
        """Return the organization of a connection, for a request that does not repeat it."""
        known = connection.organization_id is not None and self._knows(connection)
        return connection.organization_id if known else None

    def _require_role(self, organization_id: str) -> Any:
        """Return the user's membership.

        Raises:
            PermissionDenied: the user is not a member, or lacks the role for this.
        """
        backend = self.organizations
        held = None if backend is None else backend.memberships(self.user).get(organization_id)
        if held is None:
            raise PermissionDenied(_("You are not a member of the organization."))
        if not self._has_role(held):
            raise PermissionDenied(_("Your role in the organization does not allow this."))
        return held

    def _has_role(self, membership: Any) -> bool:
        required = get_settings().REQUIRED_ROLE
        return self.organizations is not None and bool(
            self.organizations.roles(membership) & set(required)
        )

    def _refuse_foreign(
        self, connection: ProviderConnection | None, organization_id: str | None
    ) -> None:
        """Refuse to touch a connection that belongs to somebody else, live or deleted.

        Raises:
            PermissionDenied: it does.
        """
        if connection is None:
            return
        own = connection.organization_id == organization_id
        if own and organization_id is None:
            own = self._is_owner(connection)
        if not own:
            raise PermissionDenied(_("You are not the owner of this connection."))


def _ownership() -> bool:
    return get_settings().PROVIDER_OWNERSHIP.get("enabled", True)
