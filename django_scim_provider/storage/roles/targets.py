"""What mappings give: a Django group, a role in an organization, or a role of the project."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.folding import fold
from django_scim_provider.models import RoleGrant, RoleMapping
from django_scim_provider.models.roles import target_key
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.storage.store_context import StoreContext

RoleFunction: TypeAlias = Callable[[Any], Any]
"""Called with a user."""


class RoleTarget(NamedTuple):
    """What a mapping gives, and a grant gave; one of them is set."""

    django_group_id: Any = None
    organization_role: str | None = None
    project_role: str | None = None

    @property
    def key(self) -> str:
        """Return what names it in the ``target_key`` of mappings and grants."""
        return target_key(*self)


def target_named(key: str) -> RoleTarget | None:
    """Return the target that a ``target_key`` names; None for what names none."""
    kind, _, name = key.partition(":")
    if kind == "group":
        try:
            found = Group._meta.pk.to_python(name)
            Group._meta.pk.run_validators(found)  # that the column can hold it
        except ValidationError:
            return None
        return RoleTarget(django_group_id=found)
    targets = {"organization_role": RoleTarget(organization_role=name)}
    targets["project_role"] = RoleTarget(project_role=name)
    return targets.get(kind) if name else None


def target_of(row: RoleMapping | RoleGrant) -> RoleTarget:
    """Return the target that a row has in columns of the same names."""
    return RoleTarget(row.django_group_id, row.organization_role, row.project_role)


def named_by(mapping: RoleMapping) -> tuple[str, str]:
    """Return the column by which a mapping finds its groups, and the value there."""
    if mapping.match_by == RoleMapping.MatchBy.ID:
        return "scim_id", mapping.value
    if mapping.match_by == RoleMapping.MatchBy.EXTERNAL_ID:
        return "external_id", mapping.value
    return "display_name_key", fold(mapping.value)


def role_functions(
    context: StoreContext, target: RoleTarget, adapter: DefaultAdapter
) -> tuple[RoleFunction, RoleFunction]:
    """Return what gives a role to a user, telling whether it did, and what takes it back."""
    if target.project_role is not None:
        role = target.project_role
        return partial(adapter.grant_role, role=role), partial(adapter.revoke_role, role=role)
    backend = get_organization_backend(using=context.using)
    if backend is None or context.organization_id is None or target.organization_role is None:
        return _nothing, _nothing
    id, role = context.organization_id, target.organization_role
    return partial(backend.grant_role, id, role=role), partial(backend.revoke_role, id, role=role)


def _nothing(user: Any) -> bool:
    return False
