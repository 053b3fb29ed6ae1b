"""Faults in the log: one line each, and the traceback once in a while for each kind.

In an outage every request fails in the same way. What is read then is which requests failed, and
once why; a traceback for each of them fills disks and hides the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict

from django_scim_provider.observability.faults import for_log

TRACEBACK_INTERVAL = 60.0
"""Seconds between two tracebacks of one kind, in one process."""
MAX_KINDS = 256
"""Kinds that are remembered; beyond, the one shown longest ago may be shown again."""

Kind = tuple[type[BaseException], str, int]
"""The class of an exception, and where it was raised: file and line."""


class Shown:
    """Remembers, for this process, when a traceback of each kind was shown."""

    def __init__(self) -> None:
        self._at: OrderedDict[Kind, float] = OrderedDict()
        self._lock = threading.Lock()

    def is_due(self, exc: BaseException) -> bool:
        """Tell whether to show the traceback, once for each kind and interval."""
        kind, now = kind_of(exc), time.monotonic()
        with self._lock:
            before = self._at.get(kind)
            if before is not None and now - before < TRACEBACK_INTERVAL:
                return False
            self._at[kind] = now
            self._at.move_to_end(kind)
            while len(self._at) > MAX_KINDS:
                self._at.popitem(last=False)
            return True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._at.clear()


shown = Shown()


def kind_of(exc: BaseException) -> Kind:
    """Return what makes two faults the same."""
    found = exc.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    if found is None:
        return type(exc), "", 0
    return type(exc), found.tb_frame.f_code.co_filename, found.tb_lineno


def log_fault(
    logger: logging.Logger, level: int, text: str, *arguments: object, exc: BaseException
) -> None:
    """Log that something failed, with the class of the exception; see ``for_log`` for the rest."""
    found = for_log(exc) if shown.is_due(exc) else None
    logger.log(level, f"{text}: %s", *arguments, type(exc).__qualname__, exc_info=found)
