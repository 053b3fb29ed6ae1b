"""What work costs, counted: no clock, so that the numbers are the same on every machine."""

from __future__ import annotations

import functools
import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any


def steps(work: Callable[[], Any]) -> int:
    """Return how many functions, of Python and of C, are called while the work is done."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def peak_bytes(work: Callable[[], Any]) -> int:
    """Return how many bytes the work has in memory at most, beside what was there."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def caches() -> dict[str, Callable[[], Any]]:
    """Return what tells of each cache of functions in the app."""
    found = [
        each
        for each in gc.get_objects()
        # Not isinstance, which asks what weak references refer to.
        if type(each) is functools._lru_cache_wrapper
        and each.__module__.startswith("django_scim_provider")
    ]
    return {f"{each.__module__}.{each.__qualname__}": each.cache_info for each in found}
