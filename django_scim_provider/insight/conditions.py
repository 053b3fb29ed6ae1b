"""The state of a connection in one word, by rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.health import Health
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import utc

EXPIRES_SOON = timedelta(days=14)
"""Before the end of a token, when to warn."""
QUIET_AFTER = timedelta(days=7)
"""Without contact, when a connection is quiet."""
RECENT_DAYS = 2
"""Today and yesterday: what is looked at to tell whether requests fail."""
REFUSED_SHARE = 0.1
"""The part of the recent requests that may not be refused."""


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


def condition_of(health: Health) -> Condition:
    """Return the first condition that applies."""
    rules = (
        (health.connection.decommissioned_at is not None, Condition.DECOMMISSIONED),
        (not health.connection.enabled, Condition.DISABLED),
        (not health.owner_is_active, Condition.OWNER_INACTIVE),
        (not health.tokens and not health.has_settings_token, Condition.NO_TOKEN),
        (_is_failing(health), Condition.FAILING),
        (expiring_token(health) is not None, Condition.EXPIRING),
        (_is_quiet(health), Condition.QUIET),
    )
    return next((condition for applies, condition in rules if applies), Condition.HEALTHY)


def state_of(connection: ProviderConnection) -> str:
    """Return what was done to a connection: ``enabled``, ``disabled`` or ``decommissioned``."""
    if connection.decommissioned_at is not None:
        return Condition.DECOMMISSIONED.value
    return "enabled" if connection.enabled else Condition.DISABLED.value


def expiring_token(health: Health) -> SCIMToken | None:
    """Return the token in use, if it ends soon and the settings hold no other."""
    token = _token_in_use(health.tokens)
    if token is None or health.has_settings_token or not ends_soon(token, health):
        return None
    return token


def ends_soon(token: SCIMToken, health: Health) -> bool:
    """Tell whether a live token is to be warned about."""
    return token.expires_at is not None and utc(token.expires_at) - utc(health.now) < EXPIRES_SOON


def _token_in_use(tokens: Sequence[SCIMToken]) -> SCIMToken | None:
    """Return the token that was used last; of unused ones, the last: it lives longest."""
    used = [(utc(token.last_used_at), token) for token in tokens if token.last_used_at is not None]
    if used:
        return max(used, key=lambda pair: pair[0])[1]
    return tokens[-1] if tokens else None


def _is_failing(health: Health) -> bool:
    recent = health.activity.recent(RECENT_DAYS)
    return bool(recent.failed) or (
        recent.refused > 0 and recent.refused >= REFUSED_SHARE * recent.total
    )


def _is_quiet(health: Health) -> bool:
    return health.last_contact is None or utc(health.now) - utc(health.last_contact) >= QUIET_AFTER
