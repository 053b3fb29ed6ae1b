"""The hour that comes twice when clocks are put back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import time_machine

SUMMER = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
"""02:50 in Berlin, ten minutes before clocks are put back."""
WINTER = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
"""02:10 in Berlin, twenty minutes later."""


def at(moment: datetime) -> Any:
    """Travel by a number: a zone that comes along with a time would become the machine's."""
    return time_machine.travel(moment.timestamp(), tick=False)
