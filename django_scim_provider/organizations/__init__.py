"""Organizations: what the app asks of the project that owns them.

An organization is an opaque id. ``SCIM_PROVIDER["ORGANIZATION_BACKEND"]`` names the class that
knows what stands behind it; without one, tokens for organizations are neither made nor accepted.
"""

from __future__ import annotations

from django_scim_provider.organizations.backends import (
    ActivityBackend,
    NamingBackend,
    OrganizationBackend,
    get_organization_backend,
    is_active_organization,
    require_organization_backend,
)
from django_scim_provider.organizations.choosing import ChoosingBackend
from django_scim_provider.organizations.django_organizations import DjangoOrganizationsBackend
from django_scim_provider.organizations.many_users import (
    BatchBackend,
    can_grant,
    last_owners,
    memberships_of,
)
from django_scim_provider.organizations.members import Members, member_keys
from django_scim_provider.organizations.membership_model import MembershipModelBackend

__all__ = [
    "ActivityBackend",
    "BatchBackend",
    "ChoosingBackend",
    "DjangoOrganizationsBackend",
    "Members",
    "MembershipModelBackend",
    "NamingBackend",
    "OrganizationBackend",
    "can_grant",
    "get_organization_backend",
    "is_active_organization",
    "last_owners",
    "member_keys",
    "memberships_of",
    "require_organization_backend",
]
