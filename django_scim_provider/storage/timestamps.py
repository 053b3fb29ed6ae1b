"""The time that resources carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone


def now_after(earlier: datetime | None = None) -> datetime:
    """Return the time in whole milliseconds, as it is shown; always later than ``earlier``."""
    now = timezone.now().astimezone(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    if earlier is not None and now <= earlier:
        return earlier + timedelta(milliseconds=1)
    return now
