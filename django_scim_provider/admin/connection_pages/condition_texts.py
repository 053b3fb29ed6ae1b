"""The state of a connection as its reader sees it: a badge and a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from django_scim_provider.insight.conditions import (
    RECENT_DAYS,
    Condition,
    condition_of,
    expiring_token,
)
from django_scim_provider.insight.health import Health
from django_scim_provider.models.moments import local, utc


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands at the top of the page."""

    condition: Condition
    badge: str
    sentence: str


def headline(health: Health) -> Headline:
    """Return the badge and the sentence for the state of a connection, in the active language."""
    condition = condition_of(health)
    badge = _expiry(health) if condition is Condition.EXPIRING else str(condition.label)
    return Headline(condition, badge, _SENTENCES[condition](health))


def whole(number: int) -> str:
    """Return a number with the separators of the active language."""
    return str(number_format(number, use_l10n=True, force_grouping=True))


def _decommissioned(health: Health) -> str:
    moment = health.connection.decommissioned_at
    day = date_format(local(moment), "DATE_FORMAT") if moment is not None else ""
    text = gettext("It was decommissioned on %(day)s. Its tokens open nothing; it stays on record.")
    return text % {"day": day}


def _disabled(health: Health) -> str:
    return gettext("It is disabled: its tokens open nothing until somebody enables it.")


def _owner_inactive(health: Health) -> str:
    return gettext("It is personal and its owner is inactive: its tokens open nothing.")


def _no_token(health: Health) -> str:
    return gettext(
        "The identity provider is refused until somebody generates a token and enters it there."
    )


def _failing(health: Health) -> str:
    recent = health.activity.recent(RECENT_DAYS)
    text = gettext(
        "Since yesterday, %(refused)s of %(total)s changes were refused and %(failed)s failed. "
        "What to do about them is at the end of the page."
    )
    return text % {
        "refused": whole(recent.refused),
        "failed": whole(recent.failed),
        "total": whole(recent.total),
    }


def _expiring(health: Health) -> str:
    text = gettext("The token in use (%(lookup)s…) ends on %(day)s. Rotate it before that.")
    token = expiring_token(health)
    if token is None or token.expires_at is None:
        return ""
    day = date_format(local(token.expires_at), "DATETIME_FORMAT")
    return text % {"lookup": token.lookup, "day": day}


def _expiry(health: Health) -> str:
    token = expiring_token(health)
    if token is None or token.expires_at is None:
        return ""
    days = (utc(token.expires_at) - utc(health.now)).days
    if days < 1:
        return gettext("token expires within a day")
    text = ngettext("token expires in %(days)d day", "token expires in %(days)d days", days)
    return text % {"days": days}


def _quiet(health: Health) -> str:
    if health.last_contact is None:
        return gettext(
            "The identity provider has not made contact yet. Check the address and the token there."
        )
    text = gettext(
        "The identity provider last made contact %(ago)s ago. Check whether provisioning is still "
        "turned on there."
    )
    return text % {"ago": timesince(health.last_contact, health.now, depth=1)}


def _healthy(health: Health) -> str:
    recent = health.activity.recent(RECENT_DAYS)
    ago = timesince(health.last_contact, health.now, depth=1) if health.last_contact else ""
    if not recent.total:
        text = gettext(
            "The identity provider last made contact %(ago)s ago; nothing changed lately."
        )
    elif not recent.refused:
        text = gettext(
            "The identity provider last made contact %(ago)s ago. Changes since yesterday: "
            "%(total)s, all of them made."
        )
    else:
        text = gettext(
            "The identity provider last made contact %(ago)s ago. Changes since yesterday: "
            "%(total)s, of which %(refused)s were refused."
        )
    return text % {"ago": ago, "total": whole(recent.total), "refused": whole(recent.refused)}


_SENTENCES: dict[Condition, Callable[[Health], str]] = {
    Condition.DECOMMISSIONED: _decommissioned,
    Condition.DISABLED: _disabled,
    Condition.OWNER_INACTIVE: _owner_inactive,
    Condition.NO_TOKEN: _no_token,
    Condition.FAILING: _failing,
    Condition.EXPIRING: _expiring,
    Condition.QUIET: _quiet,
    Condition.HEALTHY: _healthy,
}
