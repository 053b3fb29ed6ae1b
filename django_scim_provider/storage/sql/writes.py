"""Rows of the app's own that are written together: by one statement, where the vendor has such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django_scim_provider.storage.sql.compiled import Delete, Insert, Update
from django_scim_provider.storage.sql.running import Row, execute, fetch_all
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL


class Writes:
    """Parts that wait for ``run``; none depends on what another one writes, but by constraints."""

    def __init__(self, using: str) -> None:
        self.using = using
        self._parts: list[SQL] = []

    def insert(self, insert: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, if any."""
        if rows:
            self._parts.append(insert.statement(self.using, rows))

    def update(self, update: Update, key: Any, values: Mapping[str, Any]) -> None:
        """Add new values of one row."""
        self._parts.append(update.statement(self.using, key, values))

    def delete(self, delete: Delete, value: Any) -> None:
        """Add that the rows go that have a value in the column of ``delete``."""
        self._parts.append(delete.statement(self.using, value))

    def add(self, part: SQL) -> None:
        """Add any other statement that writes."""
        self._parts.append(part)

    def run(self, *questions: SQL) -> Row:
        """Write everything and return the answers to questions, which are expressions, in order.

        They are read by a statement that began after the locks of those before it were granted.
        Whether they see what is written here depends on the vendor, so they ask for other rows.
        """
        parts, self._parts = self._parts, []
        select = f"SELECT {', '.join(sql for sql, _ in questions) or '1'}"
        asked = [value for _, values in questions for value in values]
        if parts and len(parts) + bool(questions) > 1 and vendor_of(self.using).writes_in_with:
            named = ", ".join(f"w{number} AS ({sql})" for number, (sql, _) in enumerate(parts))
            written = [value for _, values in parts for value in values]
            return fetch_all(self.using, f"WITH {named} {select}", [*written, *asked])[0]
        for sql, parameters in parts:
            execute(self.using, sql, parameters)
        return fetch_all(self.using, select, asked)[0] if questions else ()
