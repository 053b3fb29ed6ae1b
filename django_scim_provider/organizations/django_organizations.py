"""Organizations of the package django-organizations (2.7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from django_scim_provider.core.errors import Forbidden
from django_scim_provider.organizations.membership_model import NO_ORGANIZATION
from django_scim_provider.organizations.organization_keys import found_rows, organization_key
from django_scim_provider.user_model.insertions import create_unless_there

OWNER, ADMIN, MEMBER = "owner", "admin", "member"


class DjangoOrganizationsBackend:
    """The organization id is the primary key of ``organization_model``; subclass it for another.

    The package makes the first user of an organization its owner; provisioning does not. It has no
    suspended memberships, so that a person who is deactivated is not a member until reactivated.
    """

    organization_model: ClassVar[str] = "organizations.Organization"
    keeps_inactive: ClassVar[bool] = False

    def __init__(self, *, using: str) -> None:
        self.using = using

    @property
    def _model(self) -> Any:
        return apps.get_model(self.organization_model)

    @property
    def _users(self) -> QuerySet[Any]:
        model: Any = self._model._meta.get_field("organization_users").related_model
        return model._default_manager.using(self.using)  # type: ignore[no-any-return]

    def _key(self, organization_id: str) -> Any:
        """Return an organization id as the model's key; None for what cannot be one."""
        return organization_key(self._model._meta.pk, organization_id, using=self.using)

    def _of(self, organization_id: str) -> QuerySet[Any]:
        key = self._key(organization_id)
        return self._users.none() if key is None else self._users.filter(organization=key)

    def is_active(self, organization_id: str) -> bool:
        """Tell whether there is such an organization with ``is_active``."""
        key = self._key(organization_id)
        if key is None:
            return False
        rows: QuerySet[Any] = self._model._default_manager.using(self.using)
        return rows.filter(pk=key, is_active=True).exists()

    def display_names(self, organization_ids: Collection[str]) -> Mapping[str, str]:
        """Return what people call organizations, by their ids."""
        keys = [key for id in organization_ids if (key := self._key(id)) is not None]
        rows = self._model._default_manager.using(self.using).filter(pk__in=keys)
        return {str(row.pk): str(row) for row in rows}

    def active_among(self, organization_ids: Collection[str]) -> Collection[str]:
        """Return those that there are with ``is_active``."""
        keys = [key for id in organization_ids if (key := self._key(id)) is not None]
        rows = self._model._default_manager.using(self.using).filter(pk__in=keys, is_active=True)
        return {str(key) for key in rows.values_list("pk", flat=True)}

    def search_organizations(self, text: str, limit: int) -> Mapping[str, str]:
        """Return active organizations whose key or text fields hold a text, with their names."""
        rows = self._model._default_manager.using(self.using).filter(is_active=True)
        return found_rows(rows, self._model._meta.pk, text, limit)

    def offered_roles(self, organization_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return the one role that can be given: that of admins."""
        return dict.fromkeys(organization_ids, (ADMIN,))

    def get_membership(self, organization_id: str, user: AbstractBaseUser) -> Model | None:
        """Return the ``OrganizationUser``."""
        found: Model | None = self._of(organization_id).filter(user=user).first()
        return found

    def memberships(self, user: AbstractBaseUser) -> Mapping[str, Model]:
        """Return the user's ``OrganizationUser`` rows of active organizations."""
        rows = self._users.filter(user=user, organization__is_active=True)
        return {str(row.organization_id): row for row in rows}

    def roles(self, membership: Any) -> frozenset[str]:
        """Return ``owner`` or not, ``admin`` or not, and ``member``."""
        found = {MEMBER}
        if membership.is_admin:
            found.add(ADMIN)
        if self.is_owner(membership):
            found.add(OWNER)
        return frozenset(found)

    def is_owner(self, membership: Any) -> bool:
        """Tell whether a membership is the owner's; ``is_protected`` protects no others."""
        return hasattr(membership, self._ownership)  # a query, unless it was read with the rest

    @property
    def _owners(self) -> QuerySet[Any]:
        model: Any = self._model._meta.get_field("owner").related_model
        return model._default_manager.using(self.using)  # type: ignore[no-any-return]

    @property
    def _ownership(self) -> str:
        """Return the attribute that an owner's ``OrganizationUser`` has."""
        field = self._owners.model._meta.get_field("organization_user")
        return str(field.remote_field.get_accessor_name())

    def members(self, organization_id: str) -> Iterable[Any]:
        """Return the keys of users with an ``OrganizationUser``."""
        return self._of(organization_id).values_list("user", flat=True)

    def add_member(self, organization_id: str, user: AbstractBaseUser, *, active: bool) -> None:
        """Store an ``OrganizationUser`` that is not an admin; inactive people get none."""
        if not active:
            self.set_member_active(organization_id, user, active=False)
            return
        try:
            organization = self._model._default_manager.using(self.using).get(pk=organization_id)
        except (self._model.DoesNotExist, ValueError, ValidationError) as error:
            raise Forbidden(NO_ORGANIZATION) from error
        member = self._users.filter(organization=organization, user=user)
        if member.exists():
            return
        more = self.new_member_values(organization_id, user)
        values = {"organization": organization, "user": user, **more}
        if create_unless_there(self._users, values, member.exists):
            self._signals.user_added.send(sender=organization, user=user)

    def new_member_values(self, organization_id: str, user: AbstractBaseUser) -> dict[str, Any]:
        """Return more values of a new row, by their fields; override where the model needs some."""
        return {}

    def remove_member(self, organization_id: str, user: AbstractBaseUser) -> None:
        """Delete the ``OrganizationUser``, and what hangs on it."""
        for membership in (
            self._of(organization_id).filter(user=user).select_related("organization")
        ):
            membership.delete(using=self.using)
            self._signals.user_removed.send(sender=membership.organization, user=user)

    def set_member_active(
        self, organization_id: str, user: AbstractBaseUser, *, active: bool
    ) -> None:
        """Add a plain member or remove the member."""
        if active:
            self.add_member(organization_id, user, active=True)
        else:
            self.remove_member(organization_id, user)

    def grant_role(self, organization_id: str, user: AbstractBaseUser, role: str) -> bool:
        """Make a member an admin; there is no other role to grant."""
        rows = self._of(organization_id).filter(user=user, is_admin=False)
        return role == ADMIN and rows.update(is_admin=True) > 0

    def revoke_role(self, organization_id: str, user: AbstractBaseUser, role: str) -> None:
        """Make an admin a member again; the owner stays an admin."""
        if role == ADMIN and not self.is_protected(organization_id, user):
            self._of(organization_id).filter(user=user).update(is_admin=False)

    def is_protected(self, organization_id: str, user: AbstractBaseUser) -> bool:
        """Tell whether the user is the owner, of whom an organization has one."""
        keys = list(self._of(organization_id).filter(user=user).values_list("pk", flat=True))
        return bool(keys) and bool(self._owners.filter(organization_user__in=keys).exists())

    # Many users at once

    def memberships_of(self, users: Sequence[AbstractBaseUser]) -> Mapping[Any, Mapping[str, Any]]:
        """Return the ``OrganizationUser`` rows of each user, of active organizations."""
        rows = self._users.filter(user__in=users, organization__is_active=True)
        found: dict[Any, dict[str, Any]] = {}
        for row in rows.select_related(self._ownership):
            found.setdefault(row.user_id, {})[str(row.organization_id)] = row
        return found

    def last_owners(self, users: Sequence[AbstractBaseUser]) -> Mapping[Any, Collection[str]]:
        """Return the organizations that a user owns."""
        rows = self._owners.filter(organization_user__user__in=users)
        found: dict[Any, set[str]] = {}
        for owner in rows.select_related("organization_user"):
            member = owner.organization_user
            found.setdefault(member.user_id, set()).add(str(member.organization_id))
        return found

    def can_grant(self, membership: Any, role: str) -> bool:
        """Tell whether the role is that of admins, and the member is none."""
        return role == ADMIN and not membership.is_admin

    @property
    def _signals(self) -> Any:
        return import_module("organizations.signals")
