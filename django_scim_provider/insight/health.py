"""What is known of a connection: people, groups, tokens, activity.

The number of statements is the same for any number of rows, and for any number of connections.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from django_scim_provider.adapter import DefaultAdapter, adapter_class
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.activity import (
    RECENT_DAYS,
    Activity,
    Counts,
    requests_of,
)
from django_scim_provider.insight.at_a_glance.activities import activity_of, latest_failures
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
    Tombstone,
)
from django_scim_provider.models.moments import as_held, utc, utc_now
from django_scim_provider.models.tokens import live_at
from django_scim_provider.storage.sql.vendors import vendor_of

ACTIVE = Q(active=True, released_at=None)
RELEASED = Q(released_at__isnull=False)
PRIVILEGES = ("is_staff", "is_superuser")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a connection has."""

    connection: ProviderConnection
    users: int = 0
    """Accounts in all: those active, inactive and released."""
    active_users: int = 0
    released_users: int = 0
    """Released when the connection was decommissioned."""
    groups: int = 0
    empty_groups: int = 0
    live_tokens: int = 0
    last_used_at: datetime | None = None
    """When a token was used, to within ``LAST_USED_INTERVAL``."""
    next_expiry: datetime | None = None
    """The earliest of the live tokens."""

    @property
    def inactive_users(self) -> int:
        """Return how many accounts are neither active nor released."""
        return self.users - self.active_users - self.released_users


@dataclass(frozen=True, slots=True)
class FailedChange:
    """A change that was refused or failed, with the account or group, where there still is one."""

    event: ProvisioningEvent
    resource: LinkedAccount | ProvisionedGroup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the health page shows."""

    summary: Summary
    now: datetime
    tokens: tuple[SCIMToken, ...]
    """The live ones, those that end first at the start; their secrets are not loaded."""
    has_settings_token: bool
    """Does ``DEFAULT_SCIM`` hold a token of the connection? It has no row and never expires."""
    owner_is_active: bool
    """Tokens of a personal connection open nothing while its owner is inactive."""
    protected_users: int | None
    """Accounts of users who must not be touched; None: the adapter decides one by one."""
    tombstones: int
    mappings: int
    activity: Activity
    last_request: ProvisioningEvent | None
    """The latest one that changed something, or should have."""
    failures: tuple[FailedChange, ...]

    @property
    def connection(self) -> ProviderConnection:
        """Return the connection."""
        return self.summary.connection

    @property
    def recent(self) -> Counts:
        """Return the requests since yesterday that change something."""
        return self.activity.recent(RECENT_DAYS)

    @property
    def last_contact(self) -> datetime | None:
        """Return when the identity provider was heard last, reading or writing."""
        last = self.last_request
        return latest_of(self.summary.last_used_at, last.at if last is not None else None)


def summaries(connections: Sequence[ProviderConnection], now: datetime) -> list[Summary]:
    """Return a summary for each of the connections, in their order, by three statements.

    By the ORM alone it takes four: SQL Server has no subquery in an aggregate.
    """
    facts: dict[str, dict[str, Any]] = {each.provider_id: {} for each in connections}
    is_empty = ~Exists(GroupMember.objects.filter(group=OuterRef("pk")))
    alive, groups = live_at(now), ProvisionedGroup._default_manager
    of_groups: dict[str, Any] = {"groups": Count("pk")}
    counted: list[tuple[QuerySet[Any], dict[str, Any]]] = [
        (
            LinkedAccount._default_manager.all(),
            {
                "users": Count("pk"),
                "active_users": Count("pk", filter=ACTIVE),
                "released_users": Count("pk", filter=RELEASED),
            },
        ),
        (groups.all(), of_groups),
        (
            SCIMToken._default_manager.all(),
            {
                "live_tokens": Count("pk", filter=alive),
                "last_used_at": Max("last_used_at"),
                "next_expiry": Min("expires_at", filter=alive),
            },
        ),
    ]
    if vendor_of(_using()).orm_only:
        counted.append((groups.filter(is_empty), {"empty_groups": Count("pk")}))
    else:
        of_groups["empty_groups"] = Count("pk", filter=is_empty)
    for chosen, aggregates in counted:
        rows = chosen.using(_using()).filter(provider__in=list(facts)).order_by()
        for row in rows.values("provider").annotate(**aggregates):
            facts[row.pop("provider")].update(row)
    return [Summary(each, **facts[each.provider_id]) for each in connections]


def health_of(connection: ProviderConnection, now: datetime | None = None) -> Health:
    """Return what is known of a connection, its events of the latest 30 days among it."""
    now = as_held(now or utc_now())
    using, provider_id = _using(), connection.provider_id
    activity = activity_of(connection, now)
    tokens = SCIMToken.objects.using(using).filter(provider=connection).live(now)
    return Health(
        summary=summaries([connection], now)[0],
        now=now,
        tokens=tuple(sorted(tokens.defer("secret"), key=token_end)),
        has_settings_token=provider_id in settings_connections(),
        owner_is_active=owner_is_active(connection),
        protected_users=_protected_users(connection),
        tombstones=Tombstone.objects.using(using).filter(provider=connection).count(),
        mappings=RoleMapping.objects.using(using).filter(provider=connection).count(),
        activity=activity,
        last_request=requests_of([provider_id]).order_by("-pk").first(),
        failures=_with_resources(connection, latest_failures(connection, activity)),
    )


def latest_of(*moments: datetime | None) -> datetime | None:
    """Return the latest moment, of those that there are."""
    return max((moment for moment in moments if moment is not None), key=utc, default=None)


def token_end(token: SCIMToken) -> tuple[bool, float]:
    """Return what sorts tokens by their ends, those that never expire last."""
    end = token.expires_at
    return (end is None, utc(end).timestamp() if end is not None else 0)


def owner_is_active(connection: ProviderConnection) -> bool:
    """Tell whether the connection is not a personal one of an inactive user."""
    owner = connection.owner if connection.personal_owner_id is not None else None
    return owner is None or bool(getattr(owner, "is_active", True))


def settings_connections() -> set[str]:
    """Return the ids of the connections of which ``DEFAULT_SCIM`` holds a token."""
    return {entry["provider_id"] for entry in get_settings().DEFAULT_SCIM}


def _using() -> str:
    return get_settings().DATABASE


def _protected_users(connection: ProviderConnection) -> int | None:
    """Count the accounts of staff, superusers and the owner, as the default adapter has it."""
    protected = Q(user=connection.personal_owner_id)
    if adapter_class().is_protected is not DefaultAdapter.is_protected:
        return None
    if not get_settings().ALLOW_PRIVILEGED_USERS:
        for name in filter(_is_column_of_users, PRIVILEGES):
            protected |= Q(**{f"user__{name}": True})
    accounts = LinkedAccount.objects.using(_using()).of(connection.provider_id)
    return accounts.filter(protected).count()


def _is_column_of_users(name: str) -> bool:
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _with_resources(
    connection: ProviderConnection, events: Sequence[ProvisioningEvent]
) -> tuple[FailedChange, ...]:
    """Find the accounts and groups of the events, by one statement each."""
    found: dict[tuple[str, str], LinkedAccount | ProvisionedGroup] = {}
    for name, model in (("User", LinkedAccount), ("Group", ProvisionedGroup)):
        ids = {event.resource_id for event in events if event.resource_type == name}
        rows = model.objects.using(_using()).of(connection.provider_id)
        for row in rows.filter(scim_id__in=ids).defer("resource"):
            found[name, row.scim_id] = row
    return tuple(
        FailedChange(event, found.get((event.resource_type, event.resource_id))) for event in events
    )
