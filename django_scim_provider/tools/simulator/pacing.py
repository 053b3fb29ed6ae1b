"""When the next request may go out: ``--rate``, and what a server that is too busy asks for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

FIRST_WAIT = 1.0
LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more is taken at this much."""


@dataclass(slots=True)
class Pace:
    """Keeps requests apart, and knows the time; the clocks and ``sleep`` are in seconds."""

    rate: float | None = None
    """Requests a second; None means no limit."""
    clock: Callable[[], float] = time.perf_counter
    """Never goes back; where it starts does not matter."""
    sleep: Callable[[float], None] = time.sleep
    wall: Callable[[], float] = time.time
    """Seconds since 1970, which dates in ``Retry-After`` are compared with."""
    _next: float = field(default=-math.inf, init=False)

    def keep(self) -> None:
        """Wait until the next request may go out.

        Requests start at least ``1 / rate`` seconds apart; time that a slow answer took is not
        caught up with by a burst.
        """
        if self.rate is None:
            return
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.rate

    def wait(self, retry_after: str | None, tries: int) -> float:
        """Wait as ``Retry-After`` says, and return for how many seconds.

        It is a number of seconds or a date (RFC 9110 section 10.2.3). Without one that can be
        read the wait is 1 second after the first try and doubles with each further one.
        """
        asked = self._asked(retry_after)
        seconds = FIRST_WAIT * 2 ** (tries - 1) if asked is None else asked
        seconds = min(max(seconds, 0.0), LONGEST_WAIT)
        self.sleep(seconds)
        return seconds

    def _asked(self, retry_after: str | None) -> float | None:
        text = (retry_after or "").strip()
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return aware.timestamp() - self.wall()
