"""What resource types of the project's own are declared with; see the how-to of that name."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import (
    Attribute,
    ResourceType,
    Schema,
    SchemaExtension,
)
from django_scim_provider.registry import Registration
from django_scim_provider.storage.resources import ModelStore

__all__ = [
    "Attribute",
    "ModelStore",
    "Registration",
    "ResourceType",
    "Schema",
    "SchemaExtension",
]
