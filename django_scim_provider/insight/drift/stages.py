"""What is compared, one kind of row after the other, each in the order of its keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django_scim_provider.insight.drift.findings import Divergence


class Stage(Protocol):
    """One kind of row.

    ``find`` and ``repair`` make queries that do not grow with the keys, but for what is repaired.
    """

    name: str

    def total(self) -> int:
        """Return how many rows there are."""

    def keys(self, after: Any, size: int) -> list[Any]:
        """Return the keys that follow one, None for the first, in order."""

    def parse(self, text: str) -> Any:
        """Return the key that a text is; None for what is none."""

    def find(self, keys: Sequence[Any]) -> list[Divergence]:
        """Return what differs."""

    def repair(self, keys: Sequence[Any]) -> list[Divergence]:
        """Lock the rows, compare again, repair; return what differed. Runs in a transaction."""
