"""When a token ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_scim_provider.models.moments import as_held


def moment_after(now: datetime, delay: timedelta | None) -> datetime | None:
    """Return the moment that long after another one, as the database holds it; None for never.

    Raises:
        ValidationError: the time span is not positive, or too long.
    """
    if delay is None:
        return None
    if delay <= timedelta(0):
        raise ValidationError(_("A time span must be positive."), code="invalid")
    try:
        return as_held(now + delay)
    except OverflowError as error:
        raise ValidationError(_("The time span is too long."), code="invalid") from error
