"""Validators of the texts that tokens are made of, of imported ids, and of rates."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold
from django_scim_provider.core.validation.scim_ids import refuse_unfit_id

MAX_ID_LENGTH = 255
MAX_NOTE_LENGTH = 255
PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def validate_wire_part(value: str) -> None:
    """Refuse what cannot stand in a bearer token: ``:``, control characters, nothing at all.

    Raises:
        ValidationError: with the code ``invalid``.
    """
    too_long = max(len(value), len(fold(value))) > MAX_ID_LENGTH
    if not value or too_long or ":" in value or not value.isprintable():
        raise ValidationError(
            _("Enter 1 to %(limit)s printable characters without a colon."),
            code="invalid",
            params={"limit": MAX_ID_LENGTH},
        )


def validate_note(value: Any) -> None:
    """Refuse what is no text that people may give a connection or a token.

    Raises:
        ValidationError: with the code ``invalid``.
    """
    if not isinstance(value, str) or len(value) > MAX_NOTE_LENGTH or "\x00" in value:
        raise ValidationError(
            _("Names and labels are texts of at most %(limit)s characters."),
            code="invalid",
            params={"limit": MAX_NOTE_LENGTH},
        )


def validate_scim_id(value: str) -> None:
    """Refuse what cannot be the id of a resource; see ``core.validation.scim_ids``.

    Raises:
        ValidationError: with the code ``invalid``.
    """
    try:
        refuse_unfit_id(value)
    except InvalidValue as error:
        raise ValidationError(error.detail, code="invalid") from error


def parse_rate(rate: str | None) -> tuple[int, int] | None:
    """Return requests and seconds of ``"100/minute"``; None for no limit.

    Raises:
        ValueError: it is not a rate.
    """
    if rate is None:
        return None
    number, _, period = rate.partition("/")
    if not number.isdecimal() or int(number) < 1 or period not in PERIODS:
        raise ValueError(f"{rate!r} is not a rate.")
    return int(number), PERIODS[period]
