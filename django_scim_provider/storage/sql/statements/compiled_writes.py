"""What writes rows of the app's own models, compiled once for each database.

Values come by the names of the fields; a relation takes the key of what it refers to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import NotSupportedError, connections
from django.db.models import Field, Model

from django_scim_provider.storage.sql.running import AnyField, adapted, execute
from django_scim_provider.storage.sql.statements.by_orm import (
    Call,
    Part,
    delete_rows,
    insert_rows,
    update_row,
)
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL


@dataclass(slots=True, eq=False)
class Update:
    """An UPDATE of one row by its primary key."""

    model: type[Model]
    columns: Sequence[str]
    _prepared: dict[str, tuple[str, list[AnyField]]] = field(default_factory=dict)

    def run(self, using: str, key: Any, values: Mapping[str, Any]) -> None:
        """Write a value for each column."""
        if vendor_of(using).orm_only:
            update_row(self.model, using, key, values, self.columns)
        else:
            execute(using, *self.statement(using, key, values))

    def part(self, using: str, key: Any, values: Mapping[str, Any], connection: Any) -> Part:
        """Return what writes a value for each column together with other things."""
        if vendor_of(using).orm_only:
            return Call(partial(update_row, self.model, using, key, values, self.columns))
        return self.statement(using, key, values, connection)

    def statement(
        self, using: str, key: Any, values: Mapping[str, Any], connection: Any = None
    ) -> SQL:
        """Return the SQL and its parameters; whoever has the ``connection`` saves a look-up."""
        sql, attributes = self._prepared.get(using) or self._prepare(using)
        arguments = [*(values[name] for name in self.columns), key]
        return sql, adapted(attributes, arguments, connection or using)

    def _prepare(self, using: str) -> tuple[str, list[AnyField]]:
        meta, quote = self.model._meta, connections[using].ops.quote_name
        attributes = [column_of(meta.get_field(name)) for name in (*self.columns, meta.pk.name)]
        *assigned, pk = [f"{quote(str(attribute.column))} = %s" for attribute in attributes]
        table = quote(meta.db_table)
        sql = f"UPDATE {table} SET {', '.join(assigned)} WHERE {pk}"  # noqa: S608 - names of the model
        self._prepared[using] = sql, attributes
        return sql, attributes


@dataclass(slots=True, eq=False)
class Insert:
    """An INSERT of rows whose columns are all given."""

    model: type[Model]
    columns: Sequence[str]
    _prepared: dict[str, tuple[str, str, list[AnyField]]] = field(default_factory=dict)
    _types: dict[str, list[str]] = field(default_factory=dict)

    def run(
        self, using: str, rows: Sequence[Mapping[str, Any]], *, ignore_conflicts: bool = False
    ) -> int:
        """Store the rows and return how many; nothing happens for none.

        ``ignore_conflicts`` leaves out those that a unique constraint refuses.
        """
        if not rows:
            return 0
        if vendor_of(using).orm_only:
            if ignore_conflicts:
                raise NotSupportedError("Rows that may be there already are to be looked for.")
            return insert_rows(self.model, using, rows, self.columns)
        sql, places, attributes = self._prepared.get(using) or self._prepare(using)
        parameters: list[Any] = []
        for row in rows:
            parameters += adapted(attributes, [row[name] for name in self.columns], using)
        into = f"{sql} VALUES {', '.join([places] * len(rows))}"
        insert = vendor_of(using).insert_or_ignore(into) if ignore_conflicts else f"INSERT {into}"
        return execute(using, insert, parameters, varies=len(rows) > 1)

    def part(self, using: str, rows: Sequence[Mapping[str, Any]], connection: Any) -> Part:
        """Return what stores the rows together with other things."""
        if vendor_of(using).orm_only:
            return Call(partial(insert_rows, self.model, using, rows, self.columns))
        return self.statement(using, rows, connection)

    def statement(
        self, using: str, rows: Sequence[Mapping[str, Any]], connection: Any = None
    ) -> SQL:
        """Return the SQL, one for any number of rows where the vendor has such, and parameters.

        Whoever has the ``connection`` saves a look-up.
        """
        sql, places, attributes = self._prepared.get(using) or self._prepare(using)
        connection = connection or connections[using]
        written = [
            adapted(attributes, [row[name] for name in self.columns], connection) for row in rows
        ]
        if len(rows) > 1:
            types = self._types.get(using)
            if types is None:
                types = [str(attribute.db_type(connection)) for attribute in attributes]
                self._types[using] = types
            columns = list(zip(*written, strict=True))
            if (found := vendor_of(using).insert_columns(sql, types, columns)) is not None:
                return found
        values = f"{sql} VALUES {', '.join([places] * len(rows))}"
        return f"INSERT {values}", [value for row in written for value in row]

    def _prepare(self, using: str) -> tuple[str, str, list[AnyField]]:
        meta, quote = self.model._meta, connections[using].ops.quote_name
        attributes = [column_of(meta.get_field(name)) for name in self.columns]
        names = ", ".join(quote(str(attribute.column)) for attribute in attributes)
        places = f"({', '.join(['%s'] * len(attributes))})"
        sql = f"INTO {quote(meta.db_table)} ({names})"
        self._prepared[using] = sql, places, attributes
        return sql, places, attributes


@dataclass(slots=True, eq=False)
class Delete:
    """A DELETE of the rows that have a value in one column."""

    model: type[Model]
    column: str
    _prepared: dict[str, tuple[str, list[AnyField]]] = field(default_factory=dict)

    def part(self, using: str, value: Any, connection: Any) -> Part:
        """Return what deletes them together with other things."""
        if vendor_of(using).orm_only:
            return Call(partial(delete_rows, self.model, using, self.column, value))
        return self.statement(using, value, connection)

    def statement(self, using: str, value: Any, connection: Any = None) -> SQL:
        """Return the SQL and its parameters; whoever has the ``connection`` saves a look-up."""
        sql, attributes = self._prepared.get(using) or self._prepare(using)
        return sql, adapted(attributes, [value], connection or using)

    def _prepare(self, using: str) -> tuple[str, list[AnyField]]:
        meta, quote = self.model._meta, connections[using].ops.quote_name
        attribute = column_of(meta.get_field(self.column))
        table, column = quote(meta.db_table), quote(str(attribute.column))
        sql = f"DELETE FROM {table} WHERE {column} = %s"  # noqa: S608 - names of the model
        self._prepared[using] = sql, [attribute]
        return self._prepared[using]


def column_of(found: Any) -> AnyField:
    """Return a field of a model, which has a column.

    Raises:
        TypeError: it has none.
    """
    if not isinstance(found, Field):
        raise TypeError(f"{found!r} has no column.")
    return found
