"""What an import did with each row, counted, and told line by line to whoever listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class ImportOutcome(StrEnum):
    """What became of a row."""

    IMPORTED = "imported"
    THERE = "there"
    """By an earlier run, so nothing was done."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What became of one row, and why."""

    kind: str
    """``User`` or ``Group``."""
    name: str
    id: str
    outcome: ImportOutcome
    reason: str = ""
    """Why it was skipped, or what of it was left out."""


@dataclass(slots=True)
class ImportReport:
    """Counts rows, and keeps none: it is as small for a million people as for ten."""

    told: Callable[[ReportLine], None] | None = None
    """Called with each line."""
    counts: Counter[tuple[str, ImportOutcome]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many were skipped, by kind and reason."""

    def note(
        self, kind: str, name: str, id: str | None, outcome: ImportOutcome, reason: str = ""
    ) -> None:
        """Count a row and tell of it."""
        self.counts[kind, outcome] += 1
        if outcome is ImportOutcome.SKIPPED:
            self.reasons[kind, reason] += 1
        if self.told is not None:
            self.told(ReportLine(kind, name, id or "", outcome, reason))

    def number(self, kind: str, outcome: ImportOutcome) -> int:
        """Return how many rows of a kind had an outcome."""
        return self.counts[kind, outcome]
