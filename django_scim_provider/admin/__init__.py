"""The Django admin: connections, their tokens, accounts, and mappings of groups to roles."""

from __future__ import annotations

from django_scim_provider.admin.accounts import LinkedAccountAdmin, ProvisionedGroupAdmin
from django_scim_provider.admin.connections import ProviderConnectionAdmin
from django_scim_provider.admin.event_pages.timelines import UserTimelineInline
from django_scim_provider.admin.events import ProvisioningEventAdmin
from django_scim_provider.admin.mappings import RoleMappingAdmin
from django_scim_provider.admin.tokens import SCIMTokenAdmin

__all__ = [
    "LinkedAccountAdmin",
    "ProviderConnectionAdmin",
    "ProvisionedGroupAdmin",
    "ProvisioningEventAdmin",
    "RoleMappingAdmin",
    "SCIMTokenAdmin",
    "UserTimelineInline",
]
