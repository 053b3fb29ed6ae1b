"""What tests of attributes that a project names do over and over."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from django_scim_provider.storage.sql.indexed import attribute_texts
from django_scim_provider.storage.sql.vendors import vendor_of
from tests.indexes.plans import Seen
from tests.scim_client import ENTERPRISE

DEPARTMENT = f"{ENTERPRISE}:department"
NAMED = ["Title", "name.middleName", DEPARTMENT]

Make = Callable[..., list[str]]


def indexes() -> list[str]:
    there = vendor_of("default").named_indexes(connection, attribute_texts.PREFIX)
    return sorted(each.name for each in there if "_parts_" not in each.name)


def plans(seen: Seen) -> str:
    """Return how the database answers what was asked."""
    asked = [each for each in seen.all if each[0].lstrip().startswith("SELECT") and each[1]]
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, parameters in asked:
            cursor.execute(f"{explain} {sql}", parameters)
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)
