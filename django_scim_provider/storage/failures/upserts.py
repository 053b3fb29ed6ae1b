"""Rows that are stored, or change the one that is in their way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from django.db import connections
from django.db.models import Model

from django_scim_provider.storage.sql.running import execute
from django_scim_provider.storage.sql.statements.by_orm import batched, insert_rows
from django_scim_provider.storage.sql.statements.compiled_writes import Insert
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Overtaken
from django_scim_provider.storage.transactions import in_transaction, settling_conflicts

Values: TypeAlias = Mapping[str, Any]
"""The values of a row by column."""


class Change(NamedTuple):
    """What a column becomes where there is a row, of that one and the one that would be stored."""

    sql: str
    """An expression with ``{old[column]}`` and ``{new[column]}``."""
    value: Callable[[Values, Values], Any]
    """The same of the old and the new row, where there is no SQL."""


def taken(name: str) -> Change:
    """Return that a column is the new row's."""
    return Change(f"{{new[{name}]}}", lambda old, new: new[name])


class Upsert(Insert):
    """An INSERT that changes a row which has the same value in some column already."""

    def __init__(
        self,
        model: type[Model],
        columns: Sequence[str],
        *,
        same: str,
        changes: Mapping[str, Change],
        telling: Sequence[str],
    ) -> None:
        super().__init__(model, columns)
        self._same = same
        self._changes = changes
        """By column. MySQL sees what earlier ones have changed, so a column that others read comes
        after them."""
        self._telling = telling
        """Columns of which each change changes one."""

    def run_all(self, using: str, rows: Sequence[Values]) -> None:
        """Store rows, no two of which are the same."""
        if vendor_of(using).orm_only:
            write = partial(self._store_or_change, using, rows)
            settling_conflicts(partial(in_transaction, using, "", write))
            return
        sql, parameters = self.statement(using, rows)
        execute(using, f"{sql} {self._suffix(using)}", parameters, varies=len(rows) > 1)

    def _store_or_change(self, using: str, rows: Sequence[Values]) -> None:
        """Do it by the ORM, in a transaction.

        Raises:
            IntegrityError: somebody else has just stored one of them.
            Overtaken: somebody else has just changed one of them.
        """
        given = {row[self._same]: row for row in rows}
        kept = self.model._base_manager.using(using)
        there: dict[Any, Values] = {}
        for some in batched(sorted(given)):
            found = kept.filter(**{f"{self._same}__in": some}).values("pk", *self.columns)
            there |= {row[self._same]: row for row in found}
        new = [row for key, row in given.items() if key not in there]
        insert_rows(self.model, using, new, self.columns)
        for key, old in there.items():
            values = {name: each.value(old, given[key]) for name, each in self._changes.items()}
            as_read = {name: old[name] for name in self._telling}
            if not kept.filter(pk=old["pk"], **as_read).update(**values):
                raise Overtaken

    def _suffix(self, using: str) -> str:
        connection, meta = connections[using], self.model._meta
        quote = connection.ops.quote_name

        def column(name: str) -> str:
            field: Any = meta.get_field(name)
            return quote(str(field.column))

        named = connection.features.supports_update_conflicts_with_target
        new = "excluded.{0}" if named else "VALUES({0})"
        sets = []
        for name, change in self._changes.items():
            of_new = _Row(lambda each: new.format(column(each)))
            of_old = _Row(lambda each: f"{quote(meta.db_table)}.{column(each)}")
            sets.append(f"{column(name)} = {change.sql.format(new=of_new, old=of_old)}")
        told = ", ".join(sets)
        if not named:
            return f"ON DUPLICATE KEY UPDATE {told}"
        return f"ON CONFLICT ({column(self._same)}) DO UPDATE SET {told}"


class _Row:
    """Answers ``{row[column]}`` in a format."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __getitem__(self, name: str) -> Any:
        return self._column(name)
