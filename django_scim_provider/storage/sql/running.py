"""How the app's own SQL is run: what is written by hand, and what the ORM compiled once.

Rows come as the driver gives them. The wrappers and the log of Django's connection see each
statement, as they see those of the ORM.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections

Row = tuple[Any, ...]


def fetch_all(
    using: str, sql: str, parameters: Sequence[Any] = (), *, varies: bool = False
) -> list[Row]:
    """Run a statement and return its rows.

    ``varies`` is for a text that is another one for each number of rows or each condition: it is
    not worth keeping anything for.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Row] = cursor.fetchall()
    return found


def fetch_one(
    using: str, sql: str, parameters: Sequence[Any] = (), *, varies: bool = False
) -> Row | None:
    """Run a statement that has one row at most, and return it; None where it has none."""
    found = fetch_all(using, sql, parameters, varies=varies)
    return found[0] if found else None


def execute(using: str, sql: str, parameters: Sequence[Any] = (), *, varies: bool = False) -> int:
    """Run a statement without a result and return how many rows it wrote."""
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        # Drivers say -1 where they do not know (PEP 249).
        return int(max(cursor.rowcount, 0))
