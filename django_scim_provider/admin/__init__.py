"""The Django admin: connections, their tokens, and the accounts that they provision."""

from __future__ import annotations

from django_scim_provider.admin.accounts import LinkedAccountAdmin
from django_scim_provider.admin.connections import ProviderConnectionAdmin
from django_scim_provider.admin.tokens import SCIMTokenAdmin

__all__ = ["LinkedAccountAdmin", "ProviderConnectionAdmin", "SCIMTokenAdmin"]
