"""What several statements are where a vendor runs them as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class Joining:
    """Answers of a vendor that has no such thing: each is a statement of its own."""

    key_parameter: ClassVar[str] = "%s"
    """The place of a key among the columns of a SELECT."""

    def numbered_key(self, order: str) -> str:
        """Return a key for each row that a SELECT has, in the order of a column, as an expression.

        Its parameter is the beginning of all: what eight hexadecimal digits make a UUID of.
        """
        return f"%s || printf('%%08x', row_number() OVER (ORDER BY {order}))"

    def together(self, writes: Sequence[str], select: str | None) -> str | None:
        """Return one statement that does all of several, and returns the row of a SELECT.

        ``select`` is None where nothing is asked; a row that comes all the same is not read. None
        where each has to be a statement of its own.
        """
        return None

    def after_locks(self, locks: Sequence[str], select: str) -> str | None:
        """Return one statement that takes locks one after the other, and returns rows as they are.

        Each of ``locks`` is a SELECT of one number with its clause of locks. What ``select`` reads
        is as new as if it had been sent once all of them were granted. None where each has to be a
        statement of its own.
        """
        return None
