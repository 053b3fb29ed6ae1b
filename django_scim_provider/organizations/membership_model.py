"""Organizations of the project's own: a membership model, described in the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import ForeignKey, Model, Q

from django_scim_provider.core.errors import Forbidden
from django_scim_provider.core.folding import fold
from django_scim_provider.organizations.organization_rows import OrganizationRows
from django_scim_provider.user_model.insertions import create_unless_there

NO_ORGANIZATION = "The organization of the connection does not exist."


class MembershipModelBackend(OrganizationRows):
    """Reads and writes the membership model that ``SCIM_PROVIDER["MEMBERSHIP"]`` describes."""

    def get_membership(self, organization_id: str, user: AbstractBaseUser) -> Model | None:
        """Return the row, active or not."""
        found: Model | None = self._of(organization_id).filter(**{self.names.user: user}).first()
        return found

    def memberships(self, user: AbstractBaseUser) -> Mapping[str, Model]:
        """Return the active rows of a user, in organizations that are active."""
        rows = self._active.filter(**{self.names.user: user})
        return {str(getattr(row, self._organization.attname)): row for row in rows}

    def roles(self, membership: Any) -> frozenset[str]:
        """Return the role, or the several of a list with commas."""
        if self.names.active is not None and not getattr(membership, self.names.active):
            return frozenset()
        if self.names.role is None:
            return frozenset()
        return frozenset(self._listed(membership))

    def members(self, organization_id: str) -> Iterable[Any]:
        """Return the keys of users with a row."""
        return self._of(organization_id).values_list(self.names.user, flat=True)

    def add_member(self, organization_id: str, user: AbstractBaseUser, *, active: bool) -> None:
        """Store a row with the default role; one that exists is made active or inactive."""
        if self.get_membership(organization_id, user) is not None:
            if not active or self.keeps_inactive:
                self.set_member_active(organization_id, user, active=active)
            return
        if not active and not self.keeps_inactive:
            return
        key = self._key(organization_id)
        if key is None:
            raise Forbidden(NO_ORGANIZATION)
        organization = self._organization
        values = {**self.new_member_values(organization_id, user)}
        values |= {organization.attname: key, self.names.user: user}
        if self.names.role is not None:
            values[self.names.role] = self.names.default_role
        if self.names.active is not None:
            values[self.names.active] = active
        if isinstance(organization, ForeignKey):
            there = self._organizations(organization)
            if not there.filter(**{organization.target_field.name: key}).exists():
                raise Forbidden(NO_ORGANIZATION)
        create_unless_there(
            self._rows, values, lambda: self.get_membership(organization_id, user) is not None
        )

    def new_member_values(self, organization_id: str, user: AbstractBaseUser) -> dict[str, Any]:
        """Return more values of a new row, by their fields; override where the model needs some."""
        return {}

    def remove_member(self, organization_id: str, user: AbstractBaseUser) -> None:
        """Delete the row, and those of the teams."""
        key = self._key(organization_id)
        if key is None:
            return
        for label, (to_user, to_organization) in self.names.teams.items():
            rows = apps.get_model(label)._default_manager.using(self.using)
            # By keys: the organization may be the team's, and MongoDB deletes by no join.
            of_teams = rows.filter(**{to_user: user, to_organization: key})
            rows.filter(pk__in=list(of_teams.values_list("pk", flat=True))).delete()
        self._of(organization_id).filter(**{self.names.user: user}).delete()

    def set_member_active(
        self, organization_id: str, user: AbstractBaseUser, *, active: bool
    ) -> None:
        """Write the field for it; without one, remove the membership or add a plain one."""
        if self.names.active is not None:
            rows = self._of(organization_id).filter(**{self.names.user: user})
            rows.exclude(**{self.names.active: active}).update(**{self.names.active: active})
        elif active:
            self.add_member(organization_id, user, active=True)
        else:
            self.remove_member(organization_id, user)

    def grant_role(self, organization_id: str, user: AbstractBaseUser, role: str) -> bool:
        """Set or add the role; nothing for owners, and for roles of owners."""
        membership = self._changeable(organization_id, user, role)
        if membership is None:
            return False
        held = self._listed(membership)
        if role in held:
            return False
        self._set(membership, [*held, role] if self.names.several_roles else [role])
        return True

    def revoke_role(self, organization_id: str, user: AbstractBaseUser, role: str) -> None:
        """Take the role away; a member left without any gets the default one."""
        membership = self._changeable(organization_id, user, role)
        held = [] if membership is None else self._listed(membership)
        if membership is not None and role in held:
            left = [each for each in held if each != role]
            self._set(membership, left or [self.names.default_role])

    def _changeable(self, organization_id: str, user: AbstractBaseUser, role: str) -> Any:
        rows = self._of(organization_id).filter(**{self.names.user: user}).select_for_update()
        membership, owners = rows.first(), self._owner_roles
        if membership is None or self.names.role is None or fold(role) in owners:
            return None
        return None if owners & set(map(fold, self._listed(membership))) else membership

    def _listed(self, membership: Any) -> list[str]:
        text = str(getattr(membership, str(self.names.role)) or "")
        return [role.strip() for role in text.split(",") if role.strip()]

    def _set(self, membership: Any, roles: list[str]) -> None:
        setattr(membership, str(self.names.role), ",".join(roles))
        membership.save(using=self.using, update_fields=[str(self.names.role)])

    def is_protected(self, organization_id: str, user: AbstractBaseUser) -> bool:
        """Tell whether the user is the only owner; others are locked, so that two cannot go."""
        membership = self.get_membership(organization_id, user)
        if membership is None or not self.is_owner(membership):
            return False
        owners = self._of(organization_id).filter(self._owning()).select_for_update()
        return not any(
            other.pk != membership.pk and self.is_owner(other) for other in owners.order_by("pk")
        )

    def _owning(self) -> Q:
        """Return the condition that finds the owners' rows, and perhaps some more."""
        found = Q(pk__in=[])
        for role in self.names.owner_roles if self.names.role is not None else ():
            found |= Q(**{f"{self.names.role}__icontains": role})
        return found

    def is_owner(self, membership: Any) -> bool:
        """Tell whether a membership is an owner's; ``is_protected`` protects no others."""
        # In whatever case: another spelling in the data must not cost the last owner.
        return not self._owner_roles.isdisjoint(map(fold, self.roles(membership)))

    def has_owners(self) -> bool | None:
        """Tell whether any membership has an owner's role; None where there is nothing to tell."""
        if self.names.role is None or not self.names.owner_roles or not self._rows.exists():
            return None
        return self._rows.filter(self._owning()).exists()

    # Many users at once

    def memberships_of(self, users: Sequence[AbstractBaseUser]) -> Mapping[Any, Mapping[str, Any]]:
        """Return the active rows of each user."""
        rows = self._active.filter(**{f"{self.names.user}__in": users})
        found: dict[Any, dict[str, Any]] = {}
        for row in rows:
            id = str(getattr(row, self._organization.attname))
            found.setdefault(getattr(row, self._user_column), {})[id] = row
        return found

    @property
    def _user_column(self) -> str:
        return str(apps.get_model(self.names.model)._meta.get_field(self.names.user).attname)

    def last_owners(self, users: Sequence[AbstractBaseUser]) -> Mapping[Any, Collection[str]]:
        """Return the organizations whose only active owner a user is."""
        rows = self._rows.filter(self._owning())
        own = rows.filter(**{f"{self.names.user}__in": users})
        key = self._organization.attname
        ids = {getattr(row, key) for row in own if self.is_owner(row)}
        if not ids:
            return {}
        owners: dict[Any, list[Any]] = {}
        for row in rows.filter(**{f"{self.names.organization}__in": ids}):
            if self.is_owner(row):
                owners.setdefault(getattr(row, key), []).append(getattr(row, self._user_column))
        found: dict[Any, set[str]] = {}
        for id, (holder, *others) in owners.items():
            if not others:
                found.setdefault(holder, set()).add(str(id))
        return found

    def can_grant(self, membership: Any, role: str) -> bool:
        """Tell whether the role is another than those held, and neither side is an owner's."""
        owners = self._owner_roles
        if self.names.role is None or fold(role) in owners:
            return False
        held = self._listed(membership)
        return role not in held and not owners & set(map(fold, held))
