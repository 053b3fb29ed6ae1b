"""A sub-select that tells rows of another table as one JSON text, which is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

UNTOLD = "'1'"
"""What it is where the rows are too many, or their text is too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JSONRows:
    """What is told of rows: a list that holds a list of ``columns`` for each.

    The order of the rows is not defined.
    """

    columns: Sequence[str]
    source: str
    """From FROM to the end of WHERE, which may name columns of the outer query."""
    most: int
    """How many rows are told at most."""
    size: int
    """How many bytes a text has at most."""

    def limited(self, made: str, length: str) -> str:
        """Return the sub-select where a derived table may name columns of the outer query.

        ``made`` aggregates the columns, and ``length`` is the length of that.
        """
        return (
            f"(SELECT CASE WHEN COUNT(*) > {self.most} OR {length} > {self.size}"  # noqa: S608 - names of models
            f" THEN {UNTOLD} ELSE {made} END"
            f" FROM (SELECT {self.named()} {self.source} LIMIT {self.most + 1}) AS told)"
        )

    def named(self) -> str:
        """Return the columns with the names that ``names`` says."""
        return ", ".join(f"{column} AS c{n}" for n, column in enumerate(self.columns))

    def names(self) -> str:
        """Return the names of the columns of the derived table."""
        return ", ".join(f"told.c{n}" for n in range(len(self.columns)))
