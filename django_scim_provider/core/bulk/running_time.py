"""How long the operations of a bulk request are begun."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """How long operations are begun."""

    seconds: float
    started: float
    """When the time began, by the clock."""
    clock: Callable[[], float]
    """Seconds since any moment; it never goes back."""

    def is_over(self) -> bool:
        """Tell whether the time is used up."""
        return self.clock() - self.started >= self.seconds


# No clock of its own: it stands still.
UNLIMITED = TimeLimit(seconds=math.inf, started=0.0, clock=lambda: 0.0)
