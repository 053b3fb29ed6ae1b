"""What a session of PostgreSQL has prepared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, connections

from django_scim_provider.storage.sql.running import fetch_one
from django_scim_provider.storage.sql.vendors.idle_cursors import idle_of
from django_scim_provider.storage.sql.vendors.prepared import THRESHOLD

ENOUGH = THRESHOLD + 2
SAID = "SELECT %s::text"


def kept() -> list[str]:
    """Return the statements that the session has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY statement")
        return [statement for (statement,) in cursor.fetchall()]


def prepared_when() -> dict[str, datetime]:
    """Return when each of the statements was prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, prepare_time FROM pg_prepared_statements")
        return dict(cursor.fetchall())


def own(statements: list[str]) -> bool:
    """Tell whether there are some, and all are the app's."""
    return bool(statements) and all('"scim_provider_' in each for each in statements)


def repeatedly(work: Callable[[], Any]) -> None:
    for _ in range(ENOUGH):
        work()


def said(text: str, using: str = "default") -> str:
    row = fetch_one(using, SAID, [text])
    assert row is not None
    return str(row[0])


def waiting(using: str = "default") -> list[Any]:
    return list(idle_of(connections[using]) or ())
