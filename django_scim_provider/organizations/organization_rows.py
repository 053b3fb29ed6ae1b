"""The organizations behind a membership model of the project's: which there are, their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import ForeignKey, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.organizations.membership_names import MembershipModel
from django_scim_provider.organizations.organization_keys import found_rows, organization_key


class OrganizationRows:
    """What ``SCIM_PROVIDER["MEMBERSHIP"]`` describes, asked about whole organizations."""

    def __init__(self, *, using: str) -> None:
        described = get_settings().MEMBERSHIP
        if "model" not in described:
            raise ImproperlyConfigured('SCIM_PROVIDER["MEMBERSHIP"] names no model.')
        self.using = using
        self.names = MembershipModel(**described)

    @property
    def keeps_inactive(self) -> bool:
        """Tell whether the model has a field for it."""
        return self.names.active is not None

    @property
    def _organization(self) -> Any:
        return apps.get_model(self.names.model)._meta.get_field(self.names.organization)

    @property
    def _rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.names.model)._default_manager.using(self.using)
        return rows

    def _of(self, organization_id: str) -> QuerySet[Any]:
        key = self._key(organization_id)
        if key is None:
            return self._rows.none()
        return self._rows.filter(**{self.names.organization: key})

    def _key(self, organization_id: str) -> Any:
        """Return an organization id as the model's field has it; None for what cannot be one."""
        target = self._organization
        if isinstance(target, ForeignKey):
            target = target.target_field
        return organization_key(target, organization_id, using=self.using)

    @property
    def _active(self) -> QuerySet[Any]:
        """Return the active rows of active organizations."""
        rows, names = self._rows, self.names
        if names.active is not None:
            rows = rows.filter(**{names.active: True})
        if names.organization_active is not None:
            rows = rows.filter(**{f"{names.organization}__{names.organization_active}": True})
        return rows

    def is_active(self, organization_id: str) -> bool:
        """Tell whether the organization's own model has such an active row; True without one."""
        organization, key = self._organization, self._key(organization_id)
        if not isinstance(organization, ForeignKey):
            return True
        if key is None:
            return False
        rows = self._open(organization).filter(**{organization.target_field.name: key})
        return bool(rows.exists())

    def display_names(self, organization_ids: Collection[str]) -> Mapping[str, str]:
        """Return what people call organizations that are rows of a model, by their ids."""
        organization = self._organization
        if not isinstance(organization, ForeignKey):
            return {}
        name = organization.target_field.attname
        keys = [key for id in organization_ids if (key := self._key(id)) is not None]
        rows = self._organizations(organization).filter(**{f"{name}__in": keys})
        return {str(getattr(row, name)): str(row) for row in rows}

    def active_among(self, organization_ids: Collection[str]) -> Collection[str]:
        """Return those that have such an active row; all of them where ids stand for no rows."""
        organization = self._organization
        if not isinstance(organization, ForeignKey):
            return organization_ids
        keys = [key for id in organization_ids if (key := self._key(id)) is not None]
        name = organization.target_field.attname
        rows = self._open(organization).filter(**{f"{name}__in": keys})
        return {str(key) for key in rows.values_list(name, flat=True)}

    def search_organizations(self, text: str, limit: int) -> Mapping[str, str] | None:
        """Return active organizations whose key or text fields hold a text, with their names."""
        organization = self._organization
        if not isinstance(organization, ForeignKey):
            return None
        return found_rows(self._open(organization), organization.target_field, text, limit)

    def offered_roles(self, organization_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return the choices of the role field but those of owners, if it has any."""
        if self.names.role is None:
            return dict.fromkeys(organization_ids, ())
        choices = apps.get_model(self.names.model)._meta.get_field(self.names.role).flatchoices
        offered = [str(role) for role, _ in choices or () if role]
        if not offered:
            return {}
        owners = self._owner_roles
        mine = [role for role in offered if fold(role) not in owners]
        return dict.fromkeys(organization_ids, mine)

    def _open(self, organization: ForeignKey[Any, Any]) -> QuerySet[Any]:
        rows, active = self._organizations(organization), self.names.organization_active
        return rows if active is None else rows.filter(**{active: True})

    def _organizations(self, organization: ForeignKey[Any, Any]) -> QuerySet[Any]:
        model: Any = organization.remote_field.model
        return model._default_manager.using(self.using)  # type: ignore[no-any-return]

    @property
    def _owner_roles(self) -> set[str]:
        return {fold(role) for role in self.names.owner_roles}
