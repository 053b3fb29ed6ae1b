"""Ctrl-C and SIGTERM, held back while a probe user exists."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_STEP = 0.2


class Interruption:
    """Raises ``KeyboardInterrupt`` where that is safe.

    At once, as a rule; inside ``held`` only when ``check`` is called, and inside ``ignored`` not at
    all, so that no signal can come between two lines of the clean-up. Outside the main thread
    signals cannot be taken over, and stay as they are.
    """

    def __init__(self, tell: Callable[[], None] = lambda: None) -> None:
        self._tell = tell
        """Called when a signal is held back, so that the user sees that it arrived."""
        self._before: dict[int, Any] = {}
        self._held = self._ignored = False
        self.signal: int | None = None
        """The signal that came."""

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._take) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Stop here if a signal came and is not ignored.

        Raises:
            KeyboardInterrupt: one did.
        """
        if self.signal is not None and not self._ignored:
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait, but not past a signal.

        Raises:
            KeyboardInterrupt: one came.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(_STEP, left))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold signals back until ``check`` is called."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.check()

    @contextmanager
    def ignored(self) -> Iterator[None]:
        """Let nothing stop the block, which is inside ``held``."""
        self._ignored = True
        try:
            yield
        finally:
            self._ignored = False

    def _take(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        if not self._held:
            raise KeyboardInterrupt
        self._tell()
