"""What a database does to answer: whether it reads a whole table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

ENOUGH = 3000
"""Users of whom reading all is dearer than to look in an index, for every planner."""


def fill(table: str, **fields: Callable[[int], Any]) -> None:
    """Store so many users, and let the planner know of them."""
    model = get_user_model()
    rows = ({name: value(number) for name, value in fields.items()} for number in range(ENOUGH))
    for row in rows:
        model._default_manager.create(**row)
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {'TABLE ' if connection.vendor == 'mysql' else ''}{quoted}")


class Seen:
    """The statements that were run, with their parameters."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        self.all.append((sql, parameters))
        return execute(sql, parameters, many, context)

    def reading_all(self, table: str) -> list[str]:
        """Return the SELECTs that read all of a table."""
        return [
            sql
            for sql, parameters in self.all
            if sql.startswith(("SELECT", "WITH"))
            and table in sql
            and _reads_all(sql, parameters, table)
        ]


@contextmanager
def watched() -> Iterator[Seen]:
    seen = Seen()
    with connection.execute_wrapper(seen):
        yield seen


def _reads_all(sql: str, parameters: Any, table: str) -> bool:
    explain = {"postgresql": "EXPLAIN (FORMAT JSON) ", "sqlite": "EXPLAIN QUERY PLAN "}
    with connection.cursor() as cursor:
        cursor.execute(explain.get(connection.vendor, "EXPLAIN FORMAT=JSON ") + sql, parameters)
        rows = cursor.fetchall()
    if connection.vendor == "sqlite":
        details = [str(row[3]) for row in rows]
        # A partial index is read as a whole, which is all that is asked for.
        return any(
            each.startswith("SCAN") and table in each and "scim_index_users" not in each
            for each in details
        )
    plan = json.loads(rows[0][0]) if isinstance(rows[0][0], str) else rows[0][0]
    return any(_is_whole(node, table) for node in _nodes(plan))


def _is_whole(node: dict[str, Any], table: str) -> bool:
    if connection.vendor == "mysql":
        return node.get("table_name") == table and node.get("access_type") in {"ALL", "index"}
    if node.get("Relation Name") != table:
        return False
    by_index = node.get("Node Type", "").startswith(("Bitmap", "Index"))
    partial = "scim_index_users" in node.get("Index Name", "")
    asked = {"Index Cond", "Recheck Cond"} & node.keys()
    return not (by_index and (partial or asked))


def _nodes(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        for each in found:
            yield from _nodes(each)
    elif isinstance(found, dict):
        yield found
        for value in found.values():
            yield from _nodes(value)
