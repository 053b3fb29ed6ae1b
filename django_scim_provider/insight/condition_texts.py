"""The state of a connection as its reader sees it: a badge and a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from django_scim_provider.insight.conditions import (
    Condition,
    Facts,
    condition_of,
    expiring_token,
)
from django_scim_provider.insight.moments_told import ago, in_full
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models.moments import local, utc


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands at the top of the page."""

    condition: Condition
    badge: str
    sentence: str


def headline(facts: Facts) -> Headline:
    """Return the badge and the sentence for the state of a connection, in the active language."""
    condition = condition_of(facts)
    badge = _expiry(facts) if condition is Condition.EXPIRING else str(condition.label)
    return Headline(condition, badge, _SENTENCES[condition](facts))


def _decommissioned(facts: Facts) -> str:
    moment = facts.connection.decommissioned_at
    day = date_format(local(moment), "DATE_FORMAT") if moment is not None else ""
    text = gettext("It was decommissioned on %(day)s. Its tokens open nothing; it stays on record.")
    return text % {"day": day}


def _disabled(facts: Facts) -> str:
    return gettext("It is disabled: its tokens open nothing until somebody enables it.")


def _owner_inactive(facts: Facts) -> str:
    return gettext("It is personal and its owner is inactive: its tokens open nothing.")


def _no_token(facts: Facts) -> str:
    return gettext(
        "The identity provider is refused until somebody generates a token and enters it there."
    )


def _failing(facts: Facts) -> str:
    recent = facts.recent
    text = gettext(
        "Since yesterday, %(refused)s of %(total)s changes were refused and %(failed)s failed. "
        "The page of failures says what to do."
    )
    return text % {
        "refused": whole(recent.refused),
        "failed": whole(recent.failed),
        "total": whole(recent.total),
    }


def _expiring(facts: Facts) -> str:
    text = gettext("The token in use (%(lookup)s…) ends on %(day)s. Rotate it before that.")
    token = expiring_token(facts)
    if token is None or token.expires_at is None:
        return ""
    day = in_full(token.expires_at)
    return text % {"lookup": token.lookup, "day": day}


def _expiry(facts: Facts) -> str:
    token = expiring_token(facts)
    if token is None or token.expires_at is None:
        return ""
    days = (utc(token.expires_at) - utc(facts.now)).days
    if days < 1:
        return gettext("token expires within a day")
    text = ngettext("token expires in %(days)d day", "token expires in %(days)d days", days)
    return text % {"days": days}


def _quiet(facts: Facts) -> str:
    if facts.last_contact is None:
        return gettext(
            "The identity provider has not made contact yet. Check the address and the token there."
        )
    text = gettext(
        "The identity provider last made contact %(ago)s. Check whether provisioning is still "
        "turned on there."
    )
    return text % {"ago": ago(facts.last_contact, facts.now, depth=1)}


def _healthy(facts: Facts) -> str:
    recent = facts.recent
    last = ago(facts.last_contact, facts.now, depth=1) if facts.last_contact else ""
    if not recent.total:
        text = gettext("The identity provider last made contact %(ago)s; nothing changed lately.")
    elif not recent.refused:
        text = gettext(
            "The identity provider last made contact %(ago)s. Changes since yesterday: "
            "%(total)s, all of them made."
        )
    else:
        text = ngettext(
            "The identity provider last made contact %(ago)s. Changes since yesterday: "
            "%(total)s, of which %(refused)s was refused.",
            "The identity provider last made contact %(ago)s. Changes since yesterday: "
            "%(total)s, of which %(refused)s were refused.",
            recent.refused,
        )
    return text % {"ago": last, "total": whole(recent.total), "refused": whole(recent.refused)}


_SENTENCES: dict[Condition, Callable[[Facts], str]] = {
    Condition.DECOMMISSIONED: _decommissioned,
    Condition.DISABLED: _disabled,
    Condition.OWNER_INACTIVE: _owner_inactive,
    Condition.NO_TOKEN: _no_token,
    Condition.FAILING: _failing,
    Condition.EXPIRING: _expiring,
    Condition.QUIET: _quiet,
    Condition.HEALTHY: _healthy,
}
