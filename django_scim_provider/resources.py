"""What resource types of the project's own are declared with, and the stores of users and groups.

See the how-tos :doc:`/how-to/declare-a-resource-type` and :doc:`/how-to/extend`.
"""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import (
    Attribute,
    ResourceType,
    Schema,
    SchemaExtension,
)
from django_scim_provider.registry import Registration
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.resources import ModelStore
from django_scim_provider.storage.users.store import UserStore

__all__ = [
    "Attribute",
    "GroupStore",
    "ModelStore",
    "Registration",
    "ResourceType",
    "Schema",
    "SchemaExtension",
    "UserStore",
]
