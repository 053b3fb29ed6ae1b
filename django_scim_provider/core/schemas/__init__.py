"""The resource types that RFC 7643 defines, as data."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import ResourceType, SchemaExtension
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from django_scim_provider.core.schemas.group import GROUP_SCHEMA
from django_scim_provider.core.schemas.user import USER_SCHEMA

USER = ResourceType(
    name="User",
    endpoint="/Users",
    description="User Account",
    schema=USER_SCHEMA,
    extensions=(SchemaExtension(schema=ENTERPRISE_USER_SCHEMA),),
)

GROUP = ResourceType(name="Group", endpoint="/Groups", description="Group", schema=GROUP_SCHEMA)

__all__ = ["GROUP", "USER"]
