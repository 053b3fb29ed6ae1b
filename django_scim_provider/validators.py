"""Validators of the texts that tokens are made of."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_ID_LENGTH = 255


def validate_wire_part(value: str) -> None:
    """Refuse what cannot stand in a bearer token: ``:``, control characters, nothing at all.

    Raises:
        ValidationError: with the code ``invalid``.
    """
    if not value or len(value) > MAX_ID_LENGTH or ":" in value or not value.isprintable():
        raise ValidationError(
            _("Enter 1 to %(limit)s printable characters without a colon."),
            code="invalid",
            params={"limit": MAX_ID_LENGTH},
        )
