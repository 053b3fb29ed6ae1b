"""Moments as people read them: how long ago in words, or in full. The same on every page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext

from django_scim_provider.models.moments import as_held, local, utc, utc_now

LEAST = timedelta(minutes=1)
"""What is shorter has no number."""


def ago(moment: datetime, now: datetime | None = None, *, depth: int = 2) -> str:
    """Return ``4 hours, 3 minutes ago``, of ``depth`` units at most, or ``just now``."""
    until = as_held(now or utc_now())
    if utc(until) - utc(moment) < LEAST:
        return gettext("just now")
    return gettext("%(ago)s ago") % {"ago": timesince(as_held(moment), until, depth=depth)}


def in_full(moment: datetime, form: str = "DATETIME_FORMAT") -> str:
    """Return a moment in the active language and time zone, which it names.

    Whoever reads it beside the log of an identity provider is hours off otherwise.
    """
    return f"{date_format(local(moment), form)} {zone_of(moment)}".rstrip()


def to_the_second(moment: datetime) -> str:
    """Return a moment with its seconds and zone, as short as the active language has dates."""
    here = local(moment)
    shown = f"{date_format(here, 'SHORT_DATE_FORMAT')} {here:%H:%M:%S}"
    return f"{shown} {zone_of(moment)}".rstrip()


def zone_of(moment: datetime) -> str:
    """Return what the active time zone is called at a moment, such as ``UTC`` or ``CEST``."""
    return local(moment).tzname() or ""
