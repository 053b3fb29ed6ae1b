"""The state of a connection in one word, by rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.activity import Counts
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import utc

EXPIRES_SOON = timedelta(days=14)
"""Before the end of a token, when to warn."""
QUIET_AFTER = timedelta(days=7)
"""Without contact, when a connection is quiet."""
REFUSED_SHARE = 0.1
"""The part of the recent requests that may not be refused."""


class Facts(Protocol):
    """What of a connection its condition depends on; of its health, and of a glance at it."""

    @property
    def connection(self) -> ProviderConnection:
        """Return the connection."""

    @property
    def now(self) -> datetime:
        """Return when the facts were read."""

    @property
    def tokens(self) -> Sequence[SCIMToken]:
        """Return the live tokens, those that end first at the start."""

    @property
    def has_settings_token(self) -> bool:
        """Tell whether ``DEFAULT_SCIM`` holds a token of the connection."""

    @property
    def owner_is_active(self) -> bool:
        """Tell whether no inactive owner keeps the tokens from opening anything."""

    @property
    def recent(self) -> Counts:
        """Return the requests since yesterday that change something."""

    @property
    def last_contact(self) -> datetime | None:
        """Return when the identity provider was heard last."""


class Condition(TextChoices):
    """What is most worth knowing about a connection; the first that applies holds.

    * decommissioned, disabled: what was done to it.
    * owner inactive: it is personal, so its tokens open nothing.
    * no live token: nor does ``DEFAULT_SCIM`` hold one.
    * failing: today or yesterday a request failed (5xx), or a tenth of the requests was refused.
    * token expires: within 14 days, the token that was used last; of unused ones the one that lives
      longest.
    * quiet: no contact for 7 days, or never.
    * healthy: none of these.
    """

    DECOMMISSIONED = "decommissioned", _("decommissioned")
    DISABLED = "disabled", _("disabled")
    OWNER_INACTIVE = "owner_inactive", _("owner inactive")
    NO_TOKEN = "no_token", _("no live token")
    FAILING = "failing", _("failing")
    EXPIRING = "expiring", _("token expires")
    QUIET = "quiet", _("quiet")
    HEALTHY = "healthy", _("healthy")


def condition_of(facts: Facts) -> Condition:
    """Return the first condition that applies."""
    rules = (
        (facts.connection.decommissioned_at is not None, Condition.DECOMMISSIONED),
        (not facts.connection.enabled, Condition.DISABLED),
        (not facts.owner_is_active, Condition.OWNER_INACTIVE),
        (not facts.tokens and not facts.has_settings_token, Condition.NO_TOKEN),
        (_is_failing(facts), Condition.FAILING),
        (expiring_token(facts) is not None, Condition.EXPIRING),
        (_is_quiet(facts), Condition.QUIET),
    )
    return next((condition for applies, condition in rules if applies), Condition.HEALTHY)


def state_of(connection: ProviderConnection) -> str:
    """Return what was done to a connection: ``enabled``, ``disabled`` or ``decommissioned``."""
    if connection.decommissioned_at is not None:
        return Condition.DECOMMISSIONED.value
    return "enabled" if connection.enabled else Condition.DISABLED.value


def expiring_token(facts: Facts) -> SCIMToken | None:
    """Return the token in use, if it ends soon and the settings hold no other."""
    token = _token_in_use(facts.tokens)
    if token is None or facts.has_settings_token or not ends_soon(token, facts):
        return None
    return token


def ends_soon(token: SCIMToken, facts: Facts) -> bool:
    """Tell whether a live token is to be warned about."""
    return token.expires_at is not None and utc(token.expires_at) - utc(facts.now) < EXPIRES_SOON


def _token_in_use(tokens: Sequence[SCIMToken]) -> SCIMToken | None:
    """Return the token that was used last; of unused ones, the last: it lives longest."""
    used = [(utc(token.last_used_at), token) for token in tokens if token.last_used_at is not None]
    if used:
        return max(used, key=lambda pair: pair[0])[1]
    return tokens[-1] if tokens else None


def _is_failing(facts: Facts) -> bool:
    recent = facts.recent
    return bool(recent.failed) or (
        recent.refused > 0 and recent.refused >= REFUSED_SHARE * recent.total
    )


def _is_quiet(facts: Facts) -> bool:
    return facts.last_contact is None or utc(facts.now) - utc(facts.last_contact) >= QUIET_AFTER
