"""When the next request may go out: ``--rate``, and what a server that is too busy asks for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_WAIT = 1.0
LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more is taken at this much."""


@dataclass(slots=True)
class Pace:
    """Keeps requests apart, and knows the time; the clocks and ``sleep`` are in seconds."""

    rate: float | None = None
    """Requests a second; None sets no limit."""
    clock: Callable[[], float] = time.perf_counter
    """Never goes back; where it starts does not matter."""
    sleep: Callable[[float], None] = time.sleep
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

    def wait(self, asked: float | None, tries: int) -> float:
        """Wait as long as the server asked for, and return for how many seconds.

        Where it did not say so, the wait is 1 second after the first try, doubled with each one
        after it.
        """
        seconds = min(FIRST_WAIT * 2 ** (tries - 1) if asked is None else asked, LONGEST_WAIT)
        self.sleep(seconds)
        return seconds
