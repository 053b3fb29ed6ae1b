"""The models: connections, tokens, and the users and groups that connections provision."""

from __future__ import annotations

from django_scim_provider.models.accounts import AccountDocument, AccountEmail, LinkedAccount
from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.events import ProvisioningEvent
from django_scim_provider.models.fields import ExactCharField, FoldedKeyField
from django_scim_provider.models.groups import GroupDocument, GroupMember, ProvisionedGroup
from django_scim_provider.models.outgoing.outbox import OutboxMessage
from django_scim_provider.models.outgoing.told_notices import Notice, Turn
from django_scim_provider.models.outgoing.webhook_endpoints import WebhookEndpoint
from django_scim_provider.models.resources import AbstractResource
from django_scim_provider.models.roles import RoleGrant, RoleMapping
from django_scim_provider.models.tokens import SCIMToken
from django_scim_provider.models.tombstones import Tombstone
from django_scim_provider.models.unique_values import UniqueValue
from django_scim_provider.models.upkeep.check_runs import CheckRun
from django_scim_provider.models.upkeep.event_effects import EventEffect, EventValues
from django_scim_provider.models.upkeep.failures import Failure
from django_scim_provider.models.upkeep.recorded_exchanges import RecordedExchange
from django_scim_provider.models.upkeep.request_tallies import RequestTally

__all__ = [
    "AbstractResource",
    "AccountDocument",
    "AccountEmail",
    "CheckRun",
    "EventEffect",
    "EventValues",
    "ExactCharField",
    "Failure",
    "FoldedKeyField",
    "GroupDocument",
    "GroupMember",
    "LinkedAccount",
    "Notice",
    "OutboxMessage",
    "ProviderConnection",
    "ProvisionedGroup",
    "ProvisioningEvent",
    "RecordedExchange",
    "RequestTally",
    "RoleGrant",
    "RoleMapping",
    "SCIMToken",
    "Tombstone",
    "Turn",
    "UniqueValue",
    "WebhookEndpoint",
]
