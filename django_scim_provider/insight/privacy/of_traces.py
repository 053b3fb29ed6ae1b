"""What is kept of what happened: events, failures, messages, tokens."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_scim_provider import ciphers
from django_scim_provider.conf import Settings
from django_scim_provider.insight.privacy.kept_data import KeptData, Told, always
from django_scim_provider.models import (
    CheckRun,
    Failure,
    Notice,
    OutboxMessage,
    ProvisioningEvent,
    RecordedExchange,
    SCIMToken,
    WebhookEndpoint,
)
from django_scim_provider.models.outgoing.outbox import KEPT, KEPT_LONG

_IDS = _("Not encrypted; it holds ids and no names.")


def _sealed(days: str, kept: Any, *, off: Any, uncovered: Any) -> Told:
    """Return what tells what is kept encrypted, as a setting of days has it.

    ``off`` says so where there are none, and ``uncovered`` where nothing can be encrypted.
    """

    def told(settings: Settings) -> Any:
        if getattr(settings, days) <= 0:
            return off
        return kept if ciphers.ENCRYPTION_AVAILABLE else uncovered

    return told


def _for_days(days: str, text: Any) -> Told:
    """Return what tells for how long, as a setting has it; ``text`` has a plural by ``days``."""

    def told(settings: Settings) -> Any:
        number = max(getattr(settings, days), 0)
        return text % {"days": number} if number else _("Not at all.")

    return told


def _messages(settings: Settings) -> Any:
    if settings.WEBHOOK_USER_NAMES:
        return _(
            "What changed of whom, by ids, kinds, names of attributes, and the user name, until it "
            "is sent to the addresses that were added as webhooks."
        )
    return _(
        "What changed of whom, by ids, kinds and names of attributes, until it is sent to the "
        "addresses that were added as webhooks. No names of people."
    )


def _messages_for(settings: Settings) -> str:
    text = gettext(
        "%(days)d days after they were delivered, and %(more)d days where they could not be."
    )
    return text % {"days": KEPT.days, "more": KEPT_LONG.days}


def _notices(settings: Settings) -> Any:
    if settings.NOTICE_EMAILS:
        return _(
            "Which trouble of a connection was told, in numbers. Mails go to owners and to the "
            "addresses that the operator has set."
        )
    return _("Which trouble of a connection was told, in numbers. Mails go to owners.")


def _secrets(settings: Settings) -> Any:
    scheme = settings.STORE_SCIM_TOKEN
    if scheme == "plain":
        return _("Not encrypted: this site has chosen to store tokens as they are.")
    if scheme == "hashed":
        return _("Of the token itself a digest is kept, from which it cannot be had again.")
    return _("The token itself is kept encrypted or as a digest.")


def _of_own_webhooks(using: str, provider_id: str) -> Q:
    """Return the condition by the keys of the endpoints, with which the index begins."""
    own = WebhookEndpoint.objects.using(using).filter(provider__provider_id=provider_id)
    return Q(endpoint__in=own.values("pk"), provider=provider_id)


OF_TRACES: tuple[KeptData, ...] = (
    KeptData(
        slug="events",
        title=_("Events"),
        what=always(
            _(
                "What the identity provider and people of this site did, when and to whom: ids, "
                "names of attributes and roles, and no value of them."
            )
        ),
        why=always(_("So that it can be found out who changed what.")),
        how_long=always(
            _("Until the operator of this site prunes them; how old the oldest is stands here.")
        ),
        protection=always(_IDS),
        change=always(_("The operator prunes events by age, with a command on a schedule.")),
        rows=lambda using: ProvisioningEvent.objects.using(using),
        moment="at",
        model="provisioningevent",
    ),
    KeptData(
        slug="values",
        title=_("Values of changed attributes"),
        what=_sealed(
            "EVENT_VALUES",
            _("What the changed attributes of a person or group held before and after a change."),
            off=_("Nothing: this site keeps no values of what was changed."),
            uncovered=_(
                "Nothing: values would be encrypted, and what is needed for that is not installed."
            ),
        ),
        why=always(_("So that it can be seen what a change replaced.")),
        how_long=_for_days(
            "EVENT_VALUES",
            ngettext_lazy(
                "For %(days)d day, and not longer than the person or group is here.",
                "For %(days)d days, and not longer than the person or group is here.",
                "days",
            ),
        ),
        protection=always(
            _(
                "Encrypted, and shown only to those with a permission of its own. No log, export "
                "or message has them."
            )
        ),
        change=always(_("The operator sets the days with EVENT_VALUES; 0 keeps nothing.")),
    ),
    KeptData(
        slug="refused-people",
        title=_("Names of people who were refused"),
        what=_sealed(
            "FAILED_IDENTITIES",
            _("User name and external id of people whom the identity provider asked for in vain."),
            off=_("Nothing: this site keeps no names of people who were refused."),
            uncovered=_(
                "Nothing: names would be encrypted, and what is needed for that is not installed."
            ),
        ),
        why=always(_("So that somebody can be told why they have no account.")),
        how_long=_for_days(
            "FAILED_IDENTITIES",
            ngettext_lazy(
                "For %(days)d day after the last attempt, and not longer than until the person "
                "succeeds or the connection is closed.",
                "For %(days)d days after the last attempt, and not longer than until the person "
                "succeeds or the connection is closed.",
                "days",
            ),
        ),
        protection=always(
            _("Encrypted, and found by keyed digests. No log, event, export or message has them.")
        ),
        change=always(_("The operator sets the days with FAILED_IDENTITIES; 0 keeps nothing.")),
        rows=lambda using: Failure.objects.using(using).filter(identity_until__isnull=False),
    ),
    KeptData(
        slug="failures",
        title=_("Failures"),
        what=always(
            _(
                "What was refused and why, how often and since when: the attribute, the sentence "
                "without its values, and ids."
            )
        ),
        why=always(_("So that it can be mended.")),
        how_long=always(
            _("Until they are pruned together with the events, or the connection is deleted.")
        ),
        protection=always(_IDS),
        change=always(_("As for events.")),
        rows=lambda using: Failure.objects.using(using),
    ),
    KeptData(
        slug="recordings",
        title=_("Recorded requests"),
        what=always(
            _(
                "While the recorder of a connection is on: its requests and answers, with what "
                "they say of people, without passwords and tokens. It is off unless somebody turns "
                "it on."
            )
        ),
        why=always(_("So that trouble with an identity provider can be looked into.")),
        how_long=always(
            _("For the hours that were chosen, at most 24, or until somebody deletes them.")
        ),
        protection=always(
            _(
                "Encrypted, and read only by those with a permission of its own; each reading is "
                "an event. No log, export or message has them."
            )
        ),
        change=always(_("Stop the recorder on its page, and delete there what it has.")),
        rows=lambda using: RecordedExchange.objects.using(using),
        moment="at",
    ),
    KeptData(
        slug="checks",
        title=_("Checks"),
        what=always(_("Who started a check of a connection and when, and what it found, by ids.")),
        why=always(_("So that the findings can be worked through.")),
        how_long=always(_("Until ten newer ones of the same kind have come.")),
        protection=always(_IDS),
        change=always(_("Start no check; each is started by somebody.")),
        rows=lambda using: CheckRun.objects.using(using),
    ),
    KeptData(
        slug="messages",
        title=_("Messages to webhooks"),
        what=_messages,
        why=always(_("So that none is lost, and each is sent again until it arrives.")),
        how_long=_messages_for,
        protection=always(
            _("Not encrypted here; they go out over https only, and signed. Secrets are encrypted.")
        ),
        change=always(
            _(
                "Remove a webhook on the page of notices, and its messages go with it. Whether "
                "user names are told is set with WEBHOOK_USER_NAMES."
            )
        ),
        rows=lambda using: OutboxMessage.objects.using(using),
        of_connection=_of_own_webhooks,
    ),
    KeptData(
        slug="notices",
        title=_("Notices"),
        what=_notices,
        why=always(_("So that people are told once.")),
        how_long=always(_("Until the trouble is over.")),
        protection=always(_("Not encrypted; it holds numbers and no names.")),
        change=always(_("The operator sets further addresses with NOTICE_EMAILS.")),
        rows=lambda using: Notice.objects.using(using),
    ),
    KeptData(
        slug="tokens",
        title=pgettext_lazy("of a connection", "Tokens"),
        what=always(
            _("Who made a token and when, its label, when it ends, and when it was used last.")
        ),
        why=always(_("So that the identity provider gets in, and it is known who let it.")),
        how_long=always(_("For good, also of those that ended: a record of who opened what.")),
        protection=_secrets,
        change=always(
            _("Revoke a token to end it. How it is stored is set with STORE_SCIM_TOKEN.")
        ),
        rows=lambda using: SCIMToken.objects.using(using),
        model="scimtoken",
    ),
    KeptData(
        slug="sessions",
        title=_("Sessions"),
        what=always(
            _(
                "None of the people whom the identity provider describes. The session of whoever "
                "uses these pages has the time of the log-in."
            )
        ),
        why=always(_("Some pages ask for a log-in that is not long ago.")),
        how_long=always(_("As long as the session.")),
        protection=always(_("As this site protects its sessions.")),
        change=always(
            _("Log out. The times are set with RECENT_LOGIN, for admin and portal apart.")
        ),
    ),
    KeptData(
        slug="addresses",
        title=_("Network addresses"),
        what=always(
            _(
                "Requests with a wrong token are counted by the address that they come from; no "
                "event and no table has it."
            )
        ),
        why=always(_("So that nobody tries tokens until one fits.")),
        how_long=always(_("As long as the limit counts, which is a minute unless it was changed.")),
        protection=always(_("In the cache of this site, and not encrypted.")),
        change=always(_("The operator sets the limits with THROTTLE_RATES.")),
    ),
)
