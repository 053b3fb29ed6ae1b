"""The condition that rows are of a connection, for a query that another table leads to them.

A filter or an order on documents or addresses has two ways: from them to the resources, by key, or
from the resources of the connection to them. PostgreSQL weighs the two by how many rows it takes a
connection to have: by none, of one that came after the last ANALYZE of a table whose rows all were
of others, or of a table that had none. Then it reads the documents of the connection again for each
of its resources: seconds at a thousand people, hours at a hundred thousand. So for such a query the
condition is written in a form that no index serves, and of which the planner expects that every
second row satisfies it: only keys lead to the resources, each at once.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.storage.sql.vendors import vendor_of


class OfConnectionByKey(Exact):
    """``provider_id`` is this one, where other tables find the keys of the rows."""

    def __init__(self, provider_id: str) -> None:
        super().__init__(F("provider_id"), provider_id)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the equation in the form that the vendor keeps from its indexes."""
        sql, parameters = super().as_sql(compiler, connection)
        return by_key(sql, connection.alias), parameters


def of_connection_by_key(provider_id: str, using: str) -> Q:
    """Return the condition as the vendor of a database needs it."""
    if not vendor_of(using).fence:
        return Q(**{"provider_id": provider_id})
    return Q(OfConnectionByKey(provider_id))


def by_key(equation: str, using: str) -> str:
    """Return SQL of an equation in that form."""
    return vendor_of(using).kept_from_indexes.format(equation)
