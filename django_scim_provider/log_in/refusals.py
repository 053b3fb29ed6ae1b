"""Why somebody does not enter, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(StrEnum):
    """The reasons."""

    UNKNOWN = "unknown"
    """The connection has no such account."""
    INACTIVE = "inactive"
    """The account, or the user that it stands for, is deactivated."""
    DEPROVISIONED = "deprovisioned"
    """The connection had such an account, and let go of it."""
    NOT_A_MEMBER = "not-a-member"
    """The person is no active member of the connection's organization."""
    AMBIGUOUS = "ambiguous"
    """Several accounts could be meant."""
    NOT_ALLOWED = "not-allowed"
    """The account stands for staff, a superuser, or a user whom the connection did not make."""
    NO_CONNECTION = "no-connection"
    """There is no connection for the log-in provider, or it is closed."""


_ASK = _("Please ask the administrators of your organization.")
MESSAGES: Mapping[Refusal, str | Promise] = {
    Refusal.UNKNOWN: _("Your organization has not set up an account for you here."),
    Refusal.INACTIVE: _("Your organization has deactivated your account."),
    Refusal.DEPROVISIONED: _("Your organization has removed your account."),
    Refusal.NOT_A_MEMBER: _("You are not a member of the organization here."),
    Refusal.AMBIGUOUS: _("It is not clear which account is yours."),
    Refusal.NOT_ALLOWED: _("This account does not log in this way."),
    Refusal.NO_CONNECTION: _("The log-in of your organization is not set up here."),
}
"""What a person reads; nothing that somebody else's account could be guessed from."""


class LogInRefused(Exception):
    """Somebody does not enter; ``reason`` is for code, ``message`` for the person."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def message(self) -> str:
        """Return two sentences for the person, in the language of the request."""
        return f"{MESSAGES[self.reason]} {_ASK}"
