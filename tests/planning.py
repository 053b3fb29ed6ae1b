"""What a database plans by, after a test has filled its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection


def gather_statistics() -> None:
    """Let PostgreSQL know what the tables hold now.

    By those of empty tables, which tests leave behind, it reads whole tables for each row: a query
    that nothing limits, or the check of a foreign key, takes minutes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plan_of(sql: str, parameters: Any) -> tuple[float, list[str]]:
    """Return how many rows the nodes of the plan of a statement made and refused, and each."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        (held,) = cursor.fetchone()
    (plan,) = held if isinstance(held, list) else json.loads(held)
    counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    told, total = [], 0.0
    for node in nodes(plan["Plan"]):
        rows = float(node["Actual Loops"] * sum(node.get(name, 0) for name in counted))
        if node["Node Type"] == "Bitmap Index Scan":
            continue  # it counts entries of rows that earlier tests took back, too
        table, index = node.get("Alias", ""), node.get("Index Name", "")
        told.append(f"{rows:.0f} {node['Node Type']} {table} {index}")
        total += rows
    return total, told
