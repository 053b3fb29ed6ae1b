"""Conditions on another table, which is read first, so that its indexes lead to the resources."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup, Model, Q
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.storage.sql.statements.compiled import condition_sql
from django_scim_provider.storage.sql.vendors import vendor_of


class FoundIn(Lookup):
    """Whether a row of another table, with a condition, is of a resource.

    As a look-up of its own: a queryset takes the ORM longer than the condition takes the database;
    and it joins nothing, so that compiled statements have a place for it. See ``OpenPlace`` for why
    it is no mere expression.
    """

    prepare_rhs = False

    def __init__(
        self,
        model: type[Model],
        holder: str,
        condition: Q,
        *,
        first: bool = True,
    ) -> None:
        """Take the field of the model that holds the key of the resource.

        Without ``first`` the table is asked for each resource, and not read before.
        """
        super().__init__(F("pk"), (model, holder, condition, first))
        self.model = model
        self.holder = holder
        self.condition = condition
        self.first = first

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return a sub-select that is read first, or one for each resource."""
        found = condition_sql(self.model, connection.alias, self.condition)
        if found is None:
            raise EmptyResultSet
        (condition, parameters), quote = found, connection.ops.quote_name
        field: Any = self.model._meta.get_field(self.holder)
        table, key = quote(self.model._meta.db_table), compiler.compile(self.lhs)[0]
        holder = f"{table}.{quote(field.column)}"
        vendor = vendor_of(connection.alias)
        if self.first:
            rows = f"SELECT {holder} FROM {table} WHERE {condition}"  # noqa: S608 - names of the model
            return vendor.found_keys.format(key=key, rows=rows), parameters
        rows = f"SELECT 1 FROM {table} WHERE {condition} AND {holder} = {key}{vendor.fence}"  # noqa: S608 - names of the model
        return f"EXISTS ({rows})", parameters
