"""Rows that are stored, or change the one that is in their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import Model

from django_scim_provider.storage.sql.running import execute
from django_scim_provider.storage.sql.statements.compiled_writes import Insert


class Upsert(Insert):
    """An INSERT that changes a row which has the same values in some columns already."""

    def __init__(
        self,
        model: type[Model],
        columns: Sequence[str],
        *,
        same: Sequence[str],
        changes: Mapping[str, str],
    ) -> None:
        super().__init__(model, columns)
        self._same = same
        self._changes = changes
        """Expressions by column, with ``{old}`` and ``{new}`` for the two rows.

        MySQL sees what earlier ones have changed, so a column that others read comes after them."""

    def run_all(self, using: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store rows, no two of which are the same."""
        sql, parameters = self.statement(using, rows)
        execute(using, f"{sql} {self._suffix(using)}", parameters, varies=len(rows) > 1)

    def _suffix(self, using: str) -> str:
        connection, meta = connections[using], self.model._meta
        quote = connection.ops.quote_name

        def column(name: str) -> str:
            field: Any = meta.get_field(name)
            return quote(str(field.column))

        named = connection.features.supports_update_conflicts_with_target
        new = "excluded.{0}" if named else "VALUES({0})"
        sets = []
        for name, expression in self._changes.items():
            of_new = _Row(lambda each: new.format(column(each)))
            of_old = _Row(lambda each: f"{quote(meta.db_table)}.{column(each)}")
            sets.append(f"{column(name)} = {expression.format(new=of_new, old=of_old)}")
        told = ", ".join(sets)
        if not named:
            return f"ON DUPLICATE KEY UPDATE {told}"
        return f"ON CONFLICT ({', '.join(map(column, self._same))}) DO UPDATE SET {told}"


class _Row:
    """Answers ``{row[column]}`` in a format."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __getitem__(self, name: str) -> Any:
        return self._column(name)
