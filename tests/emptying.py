"""Empties the database after tests that commit, at the price of what they wrote."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

OF_THE_MIGRATIONS = {"django_content_type", "auth_permission"}
"""What stands in a database that was just migrated; no test writes there."""


def empty(using: str) -> None:
    """Delete the rows of every table that has any, but for what the migrations made.

    Django's ``flush`` empties all tables, filled or not, and makes content types and permissions
    anew. With the tables of a dozen packages that takes far longer than most tests.
    """
    connection = connections[using]
    if connection.vendor == "mongodb":
        _empty_mongodb(connection)
        return
    quote = connection.ops.quote_name
    # The order of the tables is free: keys are checked at the commit, or here not at all.
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(using=using),
        connection.cursor() as cursor,
    ):
        emptied = filled(connection)
        for table in emptied:
            cursor.execute(f"DELETE FROM {quote(table)}")
    if connection.vendor == "postgresql":
        vacuum(connection, emptied)


def _empty_mongodb(connection: Any) -> None:
    """The same without SQL; what no test wrote to is not asked to delete anything."""
    database = connection.get_database()
    for name in set(database.list_collection_names()) - OF_THE_MIGRATIONS - {"django_migrations"}:
        if database[name].find_one({}, {"_id": 1}) is not None:
            database[name].delete_many({})


def vacuum(connection: BaseDatabaseWrapper, emptied: list[str]) -> None:
    """Remove the dead rows of tables that have grown by them, on a server that does not by itself.

    What tests undo leaves dead rows as well, which every later look through the table reads.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' "
            "AND pg_relation_size(oid) > 524288",
            [emptied],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")


def filled(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables with a row that a test has written."""
    look = connection.introspection
    names = set(look.django_table_names(only_existing=True, include_views=False))
    tables = sorted(names - OF_THE_MIGRATIONS)
    quote = connection.ops.quote_name
    questions = ", ".join(f"EXISTS (SELECT 1 FROM {quote(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {questions}")
        answers = cursor.fetchone()
    return [table for table, answer in zip(tables, answers, strict=True) if answer]


def handle(command: Any, *, database: str, **options: Any) -> None:
    """Stand in for the handler of ``flush``, which tests that commit call at their end."""
    empty(database)
