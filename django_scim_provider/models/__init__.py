"""The models: connections, tokens, and the users and groups that connections provision."""

from __future__ import annotations

from django_scim_provider.models.accounts import AccountDocument, AccountEmail, LinkedAccount
from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.events import ProvisioningEvent
from django_scim_provider.models.fields import ExactCharField, FoldedKeyField
from django_scim_provider.models.groups import GroupDocument, GroupMember, ProvisionedGroup
from django_scim_provider.models.resources import AbstractResource
from django_scim_provider.models.roles import GroupGrant, GroupMapping
from django_scim_provider.models.tokens import SCIMToken
from django_scim_provider.models.tombstones import Tombstone
from django_scim_provider.models.unique_values import UniqueValue

__all__ = [
    "AbstractResource",
    "AccountDocument",
    "AccountEmail",
    "ExactCharField",
    "FoldedKeyField",
    "GroupDocument",
    "GroupGrant",
    "GroupMapping",
    "GroupMember",
    "LinkedAccount",
    "ProviderConnection",
    "ProvisionedGroup",
    "ProvisioningEvent",
    "SCIMToken",
    "Tombstone",
    "UniqueValue",
]
