"""What people should know of all connections, by the same few statements for any number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Q

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.activity import last_requests, recent_activity
from django_scim_provider.insight.at_a_glance.tallies import daily_requests
from django_scim_provider.insight.conditions import REFUSED_SHARE
from django_scim_provider.insight.health import settings_connections
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import utc
from django_scim_provider.models.outgoing.webhook_endpoints import MessageKind

STAGES = (0, 3, 14)
"""Days before the end of a token at which people are told, the last one first."""
ENDED = timedelta(days=2)
"""For how long after its end a token counts as the one in use."""
SILENT_AFTER = timedelta(days=7)
"""Without contact, where nothing is known of what is usual."""
LEAST_SILENCE = timedelta(days=2)
MOST_SILENCE = timedelta(days=14)
ACTIVE_DAYS = 5
"""Days with changes from which on it is known what is usual."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that people should know of a connection."""

    connection: ProviderConnection
    kind: MessageKind
    subject: str = ""
    """What tells it from another of the same kind."""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what is told once."""
        return self.connection.provider_id, str(self.kind), self.subject


def troubles(now: datetime) -> list[Trouble]:
    """Return all there is, by at most eleven statements, seven where no day has to be counted."""
    using = get_settings().DATABASE
    rows = ProviderConnection.objects.using(using).usable().select_related("owner")
    connections = [each for each in rows.order_by("provider_id") if _is_open(each)]
    if not connections:
        return []
    tokens = _tokens(using, now)
    found = [
        *_expiring(connections, tokens, now),
        *_failing(connections, now),
        *_silent(connections, tokens, now),
        *_drifted(connections),
    ]
    return found


def _is_open(connection: ProviderConnection) -> bool:
    """Tell whether its owner does not keep it closed."""
    personal = connection.personal_owner_id is not None and connection.owner is not None
    return not personal or bool(getattr(connection.owner, "is_active", True))


def _tokens(using: str, now: datetime) -> dict[str, list[SCIMToken]]:
    """Return the tokens of each connection that live, or did until lately."""
    lately = Q(expires_at=None) | Q(expires_at__gt=now - ENDED)
    rows = SCIMToken.objects.using(using).filter(lately, revoked_at=None).order_by("pk")
    found: defaultdict[str, list[SCIMToken]] = defaultdict(list)
    for token in rows.only("provider_id", "expires_at", "last_used_at", "label", "lookup"):
        found[str(token.provider_id)].append(token)
    return found


def _expiring(
    connections: Sequence[ProviderConnection], tokens: dict[str, list[SCIMToken]], now: datetime
) -> list[Trouble]:
    found, in_settings = [], settings_connections()
    for connection in connections:
        token = _in_use(tokens.get(connection.provider_id, []))
        if token is None or token.expires_at is None or connection.provider_id in in_settings:
            continue
        left = utc(token.expires_at) - now
        stage = next((days for days in STAGES if left <= timedelta(days=days)), None)
        if stage is None:
            continue
        facts = {"days": stage, "expiresAt": utc(token.expires_at).isoformat(timespec="seconds")}
        found.append(Trouble(connection, MessageKind.TOKEN_EXPIRING, f"{token.pk}:{stage}", facts))
    return found


def _in_use(tokens: Sequence[SCIMToken]) -> SCIMToken | None:
    """Return the token that was used last; of unused ones the one that lives longest."""
    used = [(utc(token.last_used_at), token) for token in tokens if token.last_used_at is not None]
    if used:
        return max(used, key=lambda pair: pair[0])[1]
    endless = [token for token in tokens if token.expires_at is None]
    ending = [(utc(token.expires_at), token) for token in tokens if token.expires_at is not None]
    if endless or not ending:
        return endless[-1] if endless else None
    return max(ending, key=lambda pair: pair[0])[1]


def _failing(connections: Sequence[ProviderConnection], now: datetime) -> list[Trouble]:
    least = get_settings().NOTICE_FAILURES
    recent = recent_activity([each.provider_id for each in connections], now)
    found = []
    for connection in connections:
        counts = recent[connection.provider_id]
        often = counts.refused >= least and counts.refused >= REFUSED_SHARE * counts.total
        if counts.failed or often:
            facts = {"failed": counts.failed, "refused": counts.refused, "requests": counts.total}
            found.append(Trouble(connection, MessageKind.CONNECTION_FAILING, facts=facts))
    return found


def _silent(
    connections: Sequence[ProviderConnection], tokens: dict[str, list[SCIMToken]], now: datetime
) -> list[Trouble]:
    """Return those that were heard once, and not for longer than usual."""
    heard: dict[str, datetime] = {}
    for provider_id, held in tokens.items():
        times = [utc(each.last_used_at) for each in held if each.last_used_at is not None]
        if times:
            heard[provider_id] = max(times)
    quiet = [
        each
        for each in connections
        if now - heard.get(each.provider_id, now - LEAST_SILENCE) >= LEAST_SILENCE
    ]
    if not quiet:
        return []
    ids = [each.provider_id for each in quiet]
    for provider_id, moment in last_requests(ids).items():
        if moment is not None:
            heard[provider_id] = max(utc(moment), heard.get(provider_id, utc(moment)))
    daily = daily_requests(ids, now)
    found = []
    for connection in quiet:
        last = heard.get(connection.provider_id)
        if last is None or now - last < longest_silence(daily[connection.provider_id].active):
            continue
        facts = {"days": (now - last).days, "since": last.isoformat(timespec="seconds")}
        found.append(Trouble(connection, MessageKind.CONNECTION_SILENT, facts=facts))
    return found


def longest_silence(days: Sequence[int]) -> timedelta:
    """Return after which time a connection is silent that had changes on these days."""
    if len(days) < ACTIVE_DAYS:
        return SILENT_AFTER
    longest = max(later - earlier for earlier, later in pairwise(days))
    return min(max(2 * timedelta(days=longest), LEAST_SILENCE), MOST_SILENCE)


def _drifted(connections: Sequence[ProviderConnection]) -> list[Trouble]:
    return [
        Trouble(each, MessageKind.CONNECTION_DRIFT, facts={"differences": each.drift_count})
        for each in connections
        if each.drift_count
    ]
