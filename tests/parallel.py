"""Doing things at the same time, each in a thread with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def in_parallel(times: int, work: Callable[[int], Result]) -> list[Result]:
    """Call ``work`` with 0, 1, ... in as many threads, starting together."""
    barrier = Barrier(times)

    def run(number: int) -> Result:
        barrier.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
