"""Primary keys whose order is the order of creation."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import UTC, datetime

from django_scim_provider.models.moments import utc

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562 section 5.7), strictly increasing within the process.

    The 12 bits behind the milliseconds count within them, as method 3 of section 6.2 has it.
    """
    global _last
    now = time.time_ns()
    moment = (now // 1_000_000 << 12) | (now % 1_000_000 * 4096 // 1_000_000)
    with _lock:
        _last = max(moment, _last + 1)
        moment = _last
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    milliseconds, fraction = moment >> 12, moment & 0xFFF
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)


def least_key_of(moment: datetime) -> uuid.UUID:
    """Return the key that is not greater than any that was made since a moment."""
    milliseconds = int((utc(moment) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)
