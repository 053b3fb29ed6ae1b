"""Conditions on another table, which is read first, so that its indexes lead to the resources."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup, Model, Q
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.storage.sql.statements.compiled import condition_sql
from django_scim_provider.storage.sql.vendors import vendor_of


class FoundIn(Lookup):  # type: ignore[type-arg]  # generic for type checkers only
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
        fenced: bool = False,
    ) -> None:
        """Take the field of the model that holds the key of the resource.

        Without ``first`` the table is asked for each resource, and not read before. ``fenced``
        keeps PostgreSQL from joining it in another way: from planning for the first few in the
        order of keys, since it takes one document in a hundred for a match, whatever is asked, and
        would sooner read them all than its index; and from reading the table before after all.
        """
        super().__init__(F("pk"), (model, holder, condition, first, fenced))
        self.model = model
        self.holder = holder
        self.condition = condition
        self.first = first
        self.fenced = fenced

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return a sub-select that is read first, or one for each resource."""
        found = condition_sql(self.model, connection.alias, self.condition)
        if found is None:
            raise EmptyResultSet
        (condition, parameters), quote = found, connection.ops.quote_name
        field: Any = self.model._meta.get_field(self.holder)
        table, key = quote(self.model._meta.db_table), compiler.compile(self.lhs)[0]
        holder = f"{table}.{quote(field.column)}"
        ending = vendor_of(connection.alias).fence if self.fenced else ""
        if self.first:
            rows = f"SELECT {holder} FROM {table} WHERE {condition}{ending}"  # noqa: S608 - names of the model
            return f"{key} IN ({rows})", parameters
        rows = f"SELECT 1 FROM {table} WHERE {condition} AND {holder} = {key}{ending}"  # noqa: S608 - names of the model
        return f"EXISTS ({rows})", parameters
