"""What people may map groups to: no more than they have themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from django_scim_provider.adapter import get_adapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.admin.ownership import not_of_others
from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, RoleMapping
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.organizations.choosing import roles_offered


def connections_to_map(user: Any) -> QuerySet[ProviderConnection]:
    """Return the connections whose groups a user may map."""
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    return rows.all() if user.is_superuser else rows.filter(not_of_others(user.pk))


def connection_to_map(user: Any, provider_id: str | None) -> ProviderConnection | None:
    """Return the one of them that an address or a form names."""
    if not provider_id or "\x00" in provider_id:
        return None
    return connections_to_map(user).filter(provider_id=provider_id).first()


def own_roles(user: Any, provider: ProviderConnection) -> frozenset[str]:
    """Return the roles that a user has in the organization of a connection."""
    backend = get_organization_backend(using=get_settings().DATABASE)
    if backend is None:
        return frozenset()
    held = backend.memberships(user).get(str(provider.organization_id))
    return frozenset() if held is None else backend.roles(held)


def own_groups(user: Any) -> Any:
    """Return the Django groups of a user, none for a user model without them."""
    found: Any = getattr(user, "groups", None)
    return Group.objects.none() if found is None else found.all()


def may_hand_out(user: Any, mapping: RoleMapping) -> bool:
    """Tell whether the user has what the members of a mapped group get."""
    if user.is_superuser:
        return True
    if mapping.project_role is not None:
        return False
    if mapping.organization_role is not None:
        return mapping.organization_role in own_roles(user, mapping.provider)
    return bool(own_groups(user).filter(pk=mapping.django_group_id).exists())


def roles_of_project() -> Sequence[str]:
    """Return the roles that the project's adapter names."""
    no_connection = ProvisioningContext(provider_id="", using=get_settings().DATABASE)
    return get_adapter(no_connection).roles()


def roles_to_choose(user: Any, provider: ProviderConnection) -> Sequence[str] | None:
    """Return the roles in the connection's organization that a user may give.

    None: nobody can tell which there are, so they are typed.
    """
    id = provider.organization_id
    if id is None:
        return ()
    offered = roles_offered([id], using=get_settings().DATABASE).get(id)
    if offered is None or user.is_superuser:
        return offered
    mine = own_roles(user, provider)
    return [role for role in offered if role in mine]
