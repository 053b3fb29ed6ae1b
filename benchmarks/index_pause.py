"""Indexes that are made after the rows: at a million rows that takes a fraction of the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Those that no constraint needs; what is made again is what was there, word for word.
_POSTGRESQL = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND NOT i.indisunique ORDER BY c.relname
"""
_SQLITE = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND sql IS NOT NULL AND sql NOT LIKE 'CREATE UNIQUE%' ORDER BY name
"""
_OF_VENDOR = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}
"""MariaDB keeps an index that a foreign key needs."""


@contextmanager
def without_indexes(connection: Any) -> Iterator[None]:
    """Drop what only makes reading faster while the block runs, and make it again behind it."""
    found: list[tuple[str, str]] = []
    if connection.vendor in _OF_VENDOR:
        with connection.cursor() as cursor:
            cursor.execute(_OF_VENDOR[connection.vendor])
            found = cursor.fetchall()
            for name, _ in found:
                cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, made in found:
            cursor.execute(made)
