"""The time that resources carry."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_scim_provider.models.moments import utc, utc_now


def now_after(earlier: datetime | None = None) -> datetime:
    """Return the time in whole milliseconds, as it is shown; always later than ``earlier``."""
    now = utc_now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    if earlier is not None and now <= (before := utc(earlier)):
        return before + timedelta(milliseconds=1)
    return now
