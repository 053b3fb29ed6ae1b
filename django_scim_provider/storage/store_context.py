"""The context of a store for a connection, where no request says it."""

from __future__ import annotations

from django_scim_provider.conf import get_settings
from django_scim_provider.core.profiles import GENERIC, PROFILES
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import ProviderConnection


def context_of(connection: ProviderConnection, *, base_url: str = "") -> StoreContext:
    """Return the context for code of the project, commands and the admin."""
    return StoreContext(
        provider_id=connection.provider_id,
        organization_id=connection.organization_id,
        owner_id=connection.personal_owner_id,
        profile=PROFILES.get(connection.profile, GENERIC),
        using=get_settings().DATABASE,
        base_url=base_url,
    )
