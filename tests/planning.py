"""What a database plans by, after a test has filled its tables."""

from __future__ import annotations

from django.db import connection


def gather_statistics() -> None:
    """Let PostgreSQL know what the tables hold now.

    By those of empty tables, which tests leave behind, it reads whole tables for each row: a query
    that nothing limits, or the check of a foreign key, takes minutes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
