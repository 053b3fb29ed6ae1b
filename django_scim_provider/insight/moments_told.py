"""How long ago something was, in words: the same ones on every page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timesince import timesince
from django.utils.translation import gettext

from django_scim_provider.models.moments import as_held, utc, utc_now

LEAST = timedelta(minutes=1)
"""What is shorter has no number."""


def ago(moment: datetime, now: datetime | None = None, *, depth: int = 2) -> str:
    """Return ``4 hours, 3 minutes ago``, of ``depth`` units at most, or ``just now``."""
    until = as_held(now or utc_now())
    if utc(until) - utc(moment) < LEAST:
        return gettext("just now")
    return gettext("%(ago)s ago") % {"ago": timesince(as_held(moment), until, depth=depth)}
