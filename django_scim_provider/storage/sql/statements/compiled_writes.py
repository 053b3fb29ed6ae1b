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

from django_scim_provider.storage.sql.running import AnyField, DriverValues, execute
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
    _prepared: dict[str, tuple[str, DriverValues]] = field(default_factory=dict)

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
        sql, columns = self._prepared.get(using) or self._prepare(using)
        arguments = [*map(values.__getitem__, self.columns), key]
        return sql, columns.adapted(arguments, using, connection)

    def _prepare(self, using: str) -> tuple[str, DriverValues]:
        meta, quote = self.model._meta, connections[using].ops.quote_name
        attributes = [column_of(meta.get_field(name)) for name in (*self.columns, meta.pk.name)]
        *assigned, pk = [f"{quote(str(attribute.column))} = %s" for attribute in attributes]
        table = quote(meta.db_table)
        sql = f"UPDATE {table} SET {', '.join(assigned)} WHERE {pk}"  # noqa: S608 - names of the model
        self._prepared[using] = sql, DriverValues.of(attributes)
        return self._prepared[using]


@dataclass(slots=True, eq=False)
class Insert:
    """An INSERT of rows whose columns are all given."""

    model: type[Model]
    columns: Sequence[str]
    _prepared: dict[str, tuple[str, str, DriverValues]] = field(default_factory=dict)
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
        sql, places, columns = self._prepared.get(using) or self._prepare(using)
        parameters: list[Any] = []
        for row in rows:
            parameters += columns.adapted(map(row.__getitem__, self.columns), using)
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
        sql, places, columns = self._prepared.get(using) or self._prepare(using)
        if len(rows) == 1:
            given = map(rows[0].__getitem__, self.columns)
            single = f"INSERT {sql} VALUES {places}"  # noqa: S608 - names of the model
            return single, columns.adapted(given, using, connection)
        connection = connection or connections[using]
        written = [
            columns.adapted(map(row.__getitem__, self.columns), using, connection) for row in rows
        ]
        types = self._types.get(using)
        if types is None:
            named = [column_of(self.model._meta.get_field(name)) for name in self.columns]
            types = self._types[using] = [str(each.db_type(connection)) for each in named]
        by_column = list(zip(*written, strict=True))
        if (found := vendor_of(using).insert_columns(sql, types, by_column)) is not None:
            return found
        values = f"{sql} VALUES {', '.join([places] * len(rows))}"
        return f"INSERT {values}", [value for row in written for value in row]

    def _prepare(self, using: str) -> tuple[str, str, DriverValues]:
        meta, quote = self.model._meta, connections[using].ops.quote_name
        attributes = [column_of(meta.get_field(name)) for name in self.columns]
        names = ", ".join(quote(str(attribute.column)) for attribute in attributes)
        places = f"({', '.join(['%s'] * len(attributes))})"
        sql = f"INTO {quote(meta.db_table)} ({names})"
        self._prepared[using] = sql, places, DriverValues.of(attributes)
        return self._prepared[using]


@dataclass(slots=True, eq=False)
class Delete:
    """A DELETE of the rows that have a value in one column."""

    model: type[Model]
    column: str
    _prepared: dict[str, tuple[str, DriverValues]] = field(default_factory=dict)

    def part(self, using: str, value: Any, connection: Any) -> Part:
        """Return what deletes them together with other things."""
        if vendor_of(using).orm_only:
            return Call(partial(delete_rows, self.model, using, self.column, value))
        return self.statement(using, value, connection)

    def statement(self, using: str, value: Any, connection: Any = None) -> SQL:
        """Return the SQL and its parameters; whoever has the ``connection`` saves a look-up."""
        sql, column = self._prepared.get(using) or self._prepare(using)
        return sql, column.adapted([value], using, connection)

    def _prepare(self, using: str) -> tuple[str, DriverValues]:
        meta, quote = self.model._meta, connections[using].ops.quote_name
        attribute = column_of(meta.get_field(self.column))
        table, column = quote(meta.db_table), quote(str(attribute.column))
        sql = f"DELETE FROM {table} WHERE {column} = %s"  # noqa: S608 - names of the model
        self._prepared[using] = sql, DriverValues.of([attribute])
        return self._prepared[using]


def column_of(found: Any) -> AnyField:
    """Return a field of a model, which has a column.

    Raises:
        TypeError: it has none.
    """
    if not isinstance(found, Field):
        raise TypeError(f"{found!r} has no column.")
    return found
