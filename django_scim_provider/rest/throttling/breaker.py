"""A cache that hangs or fails is left alone for a while.

How long a call may take is the project's to say, in the options of its cache (``socket_timeout`` of
Redis), and a call cannot be ended from outside. So it is measured, and after a bad one the next
requests do without.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

Result = TypeVar("Result")

SLOW = 1.0
"""Seconds from which on a call is a bad one."""
PAUSE = 30.0
"""Seconds for which a cache is left alone; then one request tries again."""

logger = logging.getLogger("django_scim_provider")


class LeftAlone(Exception):
    """The cache was not asked, since a call before was slow or failed."""


class CacheBreaker:
    """Calls one cache, for all threads of the process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._running: dict[object, float] = {}
        """When the calls began that have not ended, the oldest first."""
        self._left_until: float | None = None
        self._trial: object = None

    def call(self, method: Callable[..., Result], *arguments: object, **more: object) -> Result:
        """Return what a method of the cache returns.

        Raises:
            LeftAlone: it was not called.
            Exception: whatever it raises. ``ValueError`` is an answer: that a key is missing.
        """
        mark = self._enter()
        is_good = False
        try:
            result = method(*arguments, **more)
            is_good = True
        except ValueError:
            is_good = True
            raise
        finally:
            self._leave(mark, is_good=is_good)
        return result

    def _enter(self) -> object:
        mark, now = object(), time.monotonic()
        with self._lock:
            if self._left_until is None and self._hangs(now):
                self._leave_alone(now)
            if self._left_until is not None:
                if now < self._left_until:
                    raise LeftAlone
                # This one tries; the others wait for the outcome.
                self._left_until, self._trial = now + PAUSE, mark
            self._running[mark] = now
        return mark

    def _hangs(self, now: float) -> bool:
        """Tell whether a call that runs is a bad one already: it may never end."""
        oldest = next(iter(self._running.values()), now)
        return now - oldest > SLOW

    def _leave(self, mark: object, *, is_good: bool) -> None:
        now = time.monotonic()
        with self._lock:
            began = self._running.pop(mark, now)
            if not is_good or now - began > SLOW:
                self._leave_alone(now)
            elif mark is self._trial:
                self._left_until = self._trial = None
                self._running.clear()  # what still hangs says nothing of now

    def _leave_alone(self, now: float) -> None:
        if self._left_until is None or self._trial is not None:
            text = "The cache %r is slow or fails; SCIM requests do without it for %d seconds"
            logger.warning(text, self._name, PAUSE)
        self._left_until, self._trial = now + PAUSE, None


@cache
def breaker_of(name: str) -> CacheBreaker:
    """Return the breaker of the cache with that alias."""
    return CacheBreaker(name)
