"""The mails of notices: one for each reader, with all that is new for them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext, ngettext, override

from django_scim_provider.models import Notice
from django_scim_provider.models.outgoing.webhook_endpoints import MessageKind

logger = logging.getLogger("django_scim_provider")

MOST = 100
"""Notices that one mail tells in words."""


def sentence_of(notice: Notice) -> str:
    """Return what is wrong, and what to do, in the language that is in force."""
    facts: dict[str, Any] = notice.facts
    number = facts.get("days", 0)
    if notice.kind == MessageKind.TOKEN_EXPIRING and not number:
        return gettext(
            "The token that the identity provider uses ends today or has ended. "
            "Rotate it and enter the new one there."
        )
    if notice.kind == MessageKind.TOKEN_EXPIRING:
        text = ngettext(
            "The token that the identity provider uses ends within %(number)d day. "
            "Rotate it and enter the new one there.",
            "The token that the identity provider uses ends within %(number)d days. "
            "Rotate it and enter the new one there.",
            number,
        )
        return text % {"number": number}
    if notice.kind == MessageKind.CONNECTION_SILENT:
        text = ngettext(
            "Nothing was heard of the identity provider for %(number)d day, longer than usual. "
            "Look there whether provisioning is paused.",
            "Nothing was heard of the identity provider for %(number)d days, longer than usual. "
            "Look there whether provisioning is paused.",
            number,
        )
        return text % {"number": number}
    if notice.kind == MessageKind.CONNECTION_FAILING:
        text = gettext(
            "Since yesterday %(refused)d requests were refused and %(failed)d failed, of "
            "%(requests)d. Look at the failures of the connection."
        )
        return text % facts
    number = facts.get("differences", 0)
    text = ngettext(
        "%(number)d account or group differs from what the identity provider said. "
        "Compare and repair it on the connection's page.",
        "%(number)d accounts and groups differ from what the identity provider said. "
        "Compare and repair them on the connection's page.",
        number,
    )
    return text % {"number": number}


def mail_notices(notices: Sequence[Notice], everything: Iterable[str]) -> set[UUID]:
    """Mail notices to the owners of their connections and to those who read everything.

    Return the keys of those of which a mail failed, or that nobody reads. What fails for one reader
    does not keep the others from theirs.
    """
    wanted: defaultdict[str, list[Notice]] = defaultdict(list)
    readers = list(dict.fromkeys(everything))
    for notice in notices:
        for address in dict.fromkeys([*readers, *_owner_of(notice)]):
            wanted[address].append(notice)
    read = {notice.pk for told in wanted.values() for notice in told}
    failed = {notice.pk for notice in notices} - read
    if not wanted:
        return failed
    with override(settings.LANGUAGE_CODE):
        for address, told in wanted.items():
            try:
                _mail(address, told)
            except Exception as error:  # whatever a backend raises
                logger.warning("A SCIM notice was not mailed (%s)", type(error).__name__)
                failed.update(notice.pk for notice in told)
    return failed


def _owner_of(notice: Notice) -> list[str]:
    """Return the address of the owner of the connection, if there is one to be mailed."""
    owner: Any = notice.provider.owner
    if owner is None or not getattr(owner, "is_active", True):
        return []
    address = getattr(owner, owner.get_email_field_name(), "")
    return [address] if address else []


def _mail(address: str, notices: Sequence[Notice]) -> None:
    lines = [f"{_line(str(notice.provider))}\n  {sentence_of(notice)}" for notice in notices[:MOST]]
    more = len(notices) - MOST
    if more > 0:
        lines.append(ngettext("%(number)d more.", "%(number)d more.", more) % {"number": more})
    subject = ngettext(
        "Provisioning: %(number)d notice", "Provisioning: %(number)d notices", len(notices)
    )
    # Each mail by a connection of its own: the one that a project's mails share is had in another
    # way since Django 6.1, and few are sent.
    EmailMessage(subject % {"number": len(notices)}, "\n\n".join(lines) + "\n", to=[address]).send()


def _line(text: str) -> str:
    return " ".join(text.split())
