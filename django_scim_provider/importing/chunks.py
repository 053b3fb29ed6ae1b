"""Rows by the batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def chunks(rows: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the rows in lists of so many; no more of them are in memory at a time."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk
