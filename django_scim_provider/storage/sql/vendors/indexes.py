"""Indexes on tables of the project, as far as look-ups ask for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DECORATION = re.compile(r'::(?:text|character varying)|[\s()"`]')


def plain(sql: str) -> str:
    """Return an expression without quotes, blanks, brackets and casts to text.

    So that what a server shows of an index compares with what is asked for.
    """
    return _DECORATION.sub("", sql)


@dataclass(frozen=True, slots=True)
class Shape:
    """What an index holds: its first key, and of which rows, both as ``plain`` returns them."""

    key: str
    condition: str = ""
    """Empty for all rows."""

    def serves(self, wanted: Shape) -> bool:
        """Tell whether an index of this shape does for another."""
        # The rows under a condition are few: all of them are read, by whatever key.
        same_key = self.key == wanted.key or bool(wanted.condition)
        return self.condition == wanted.condition and same_key


@dataclass(frozen=True, slots=True)
class IndexInPlace:
    """An index that a table has."""

    name: str
    shape: Shape
    schema: str = ""
    is_valid: bool = True
    """Is it used? One whose ``CREATE INDEX CONCURRENTLY`` broke off is not, and is kept up."""
    is_being_made: bool = False


@dataclass(frozen=True, slots=True)
class WantedIndex:
    """An index that serves a look-up, and the SQL of it."""

    shape: Shape
    key: str
    condition: str = ""
    method: str = ""
    """How rows are found, where it is not the vendor's usual way."""

    @property
    def where(self) -> str:
        """Return the clause of the statement that makes it."""
        return f" WHERE {self.condition}" if self.condition else ""
