"""When the operations of a transaction began, and whether it can begin again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from django_scim_provider.conf import get_settings

MAX_LOOKS = 3
"""How often a transaction begins again at most to see what refuses its write."""


class BeginsAgain(Exception):
    """The transaction has to begin again, with what the clock knows now."""


@dataclass(slots=True)
class Clock:
    """When each operation of a transaction began, the first time.

    Bulk requests have several operations, all others have one.
    """

    began: list[float] = field(default_factory=lambda: [time.monotonic()])
    number: int = 0
    committed: bool = False
    alone: bool = False
    may_begin_again: bool = False
    """Is a transaction under way that ``in_transaction`` began, and not somebody else?"""
    shared: set[str] = field(default_factory=set)
    """Connections that have to be open when the transaction ends, where locks are rows."""
    indivisible: bool = False
    """Is one under way of which no part can be undone?"""
    refused: dict[str, Any] = field(default_factory=dict)
    """Work that failed when part of it was written, by its name, with what was said of that."""
    looks: int = 0
    """How often it was asked to begin again, since what refuses its write is not in sight."""

    def next_operation(self) -> None:
        """Give the next operation time of its own."""
        self.number += 1
        if self.number == len(self.began):
            self.began.append(time.monotonic())

    def begin(self, using: str) -> None:
        """Begin a try, inside its transaction."""
        self.number, self.committed, self.may_begin_again = 0, False, True
        self.shared.clear()
        transaction.on_commit(self._note_commit, using=using)

    def _note_commit(self) -> None:
        """Know that the try is over.

        What fails afterwards, such as a call of the project's that follows the commit, must not
        have the transaction run again.
        """
        self.committed = True
        _clock.set(None)  # those calls have time of their own

    def allows(self, pause: float) -> bool:
        """Tell whether there is time for another try after a pause of so many seconds."""
        spent = time.monotonic() + pause - self.began[self.number]
        return spent <= get_settings().RETRY_TIME_LIMIT

    def looks_again(self) -> bool:
        """Tell whether the transaction at hand can begin again for another look, and count it."""
        self.looks += 1
        return self.may_begin_again and self.looks <= MAX_LOOKS


_clock: ContextVar[Clock | None] = ContextVar("django_scim_provider_clock", default=None)


@contextmanager
def clocked() -> Iterator[Clock]:
    """Yield the clock of the operation that is under way, or of one that begins."""
    running = _clock.get()
    if running is not None:
        yield running
        return
    clock = Clock()
    token = _clock.set(clock)
    try:
        yield clock
    finally:
        _clock.reset(token)


def running_clock() -> Clock | None:
    """Return the clock of the operation that is under way."""
    return _clock.get()
