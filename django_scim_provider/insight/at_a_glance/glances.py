"""Connections at a glance: what a list tells of each, by the same few statements for any number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.activity import Counts, last_requests, recent_activity
from django_scim_provider.insight.health import (
    Summary,
    latest_of,
    owner_is_active,
    settings_connections,
    summaries,
    token_end,
)
from django_scim_provider.insight.inbox import open_counts
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import as_held, utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a list shows of one connection; enough to tell its condition."""

    summary: Summary
    now: datetime
    tokens: tuple[SCIMToken, ...]
    """The live ones, those that end first at the start; their secrets are not loaded."""
    has_settings_token: bool
    owner_is_active: bool
    failing: int
    """Open failures: people and groups with one reason each."""
    recent: Counts
    """Requests since yesterday."""
    last_request_at: datetime | None

    @property
    def connection(self) -> ProviderConnection:
        """Return the connection."""
        return self.summary.connection

    @property
    def last_contact(self) -> datetime | None:
        """Return when the identity provider was heard last, reading or writing."""
        return latest_of(self.summary.last_used_at, self.last_request_at)


def glances(connections: Sequence[ProviderConnection], now: datetime | None = None) -> list[Glance]:
    """Return a glance at each of the connections, in their order, by seven statements.

    The connections have their owners with them, or each costs one more.
    """
    now = as_held(now or utc_now())
    ids = [each.provider_id for each in connections]
    if not ids:
        return []
    rows = SCIMToken.objects.using(get_settings().DATABASE).filter(provider__in=ids).live(now)
    tokens: defaultdict[str, list[SCIMToken]] = defaultdict(list)
    for token in sorted(rows.defer("secret").order_by(), key=token_end):
        tokens[str(token.provider_id)].append(token)
    failing = open_counts(ids)
    recent, last = recent_activity(ids, now), last_requests(ids)
    in_settings = settings_connections()
    return [
        Glance(
            summary=summary,
            now=now,
            tokens=tuple(tokens[summary.connection.provider_id]),
            has_settings_token=summary.connection.provider_id in in_settings,
            owner_is_active=owner_is_active(summary.connection),
            failing=failing.get(summary.connection.provider_id, 0),
            recent=recent[summary.connection.provider_id],
            last_request_at=last[summary.connection.provider_id],
        )
        for summary in summaries(connections, now)
    ]
