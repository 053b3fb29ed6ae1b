"""How each database reads JSON and compares texts exactly, as small SQL fragments.

Paths are made of names from schemas, checked against a pattern, and stand in the SQL as literals;
values are always parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.filters.operators import SQL_SIGNS
from django_scim_provider.models.fields import exact_collation

SQL = tuple[str, list[Any]]
"""A fragment and its parameters."""

_NAME = re.compile(r"[\w$:.^-]+", re.ASCII)


def _checked(names: Iterable[str]) -> list[str]:
    found = list(names)
    for name in found:
        if not _NAME.fullmatch(name):
            raise ImproperlyConfigured(f"{name!r} cannot be the name of an attribute.")
    return found


class Dialect:
    """SQLite's fragments, and what the databases have in common."""

    def json_path(self, names: Sequence[str]) -> str:
        """Return a path as a quoted literal: ``'$."name"."familyName"'``."""
        return "'$" + "".join(f'."{name}"' for name in _checked(names)) + "'"

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return what stands at a path, NULL where nothing does."""
        return f"json_extract({document}, {self.json_path(names)})"

    def text(self, document: str, names: Sequence[str]) -> str:
        """Return the text at a path, without quotes."""
        return self.raw(document, names)

    def number(self, text: str) -> str:
        """Return a value that ``text`` gave as a number."""
        return text

    def exact(self, text: str) -> str:
        """Return a text such that comparisons see every character."""
        return text

    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Return a table of the elements of a list, called ``e``, for a FROM clause."""
        return f"json_each({document}, {self.json_path(names)}) AS e"

    def element_text(self, sub: str) -> str:
        """Return a sub-attribute of the element ``e``, NULL where it is unassigned."""
        return self.text("e.value", [sub])

    def compare(self, text: str, op: str, value: str) -> SQL:
        """Return a comparison of two texts; it is NULL only where ``text`` is."""
        text = self.exact(text)
        if op in SQL_SIGNS:
            return f"{text} {SQL_SIGNS[op]} %s", [value]
        if not value:
            return f"{text} IS NOT NULL", []
        return self.part(text, op, value)

    def part(self, text: str, op: str, value: str) -> SQL:
        """Return ``co``, ``sw`` or ``ew`` with a value that is not empty; nothing is a wildcard."""
        if op == "co":
            return f"instr({text}, %s) > 0", [value]
        if op == "sw":
            return f"substr({text}, 1, %s) = %s", [len(value), value]
        return f"substr({text}, %s) = %s", [-len(value), value]


class PostgreSQL(Dialect):
    """``folded`` is jsonb."""

    def json_path(self, names: Sequence[str]) -> str:
        """Return a path as a text array literal."""
        return "'{" + ",".join(f'"{name}"' for name in _checked(names)) + "}'"

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return jsonb."""
        return f"({document} #> {self.json_path(names)})"

    def text(self, document: str, names: Sequence[str]) -> str:
        """Return text."""
        return f"({document} #>> {self.json_path(names)})"

    def number(self, text: str) -> str:
        """Cast; the schema says that it is a number."""
        return f"{text}::numeric"

    def exact(self, text: str) -> str:
        """Order by code point."""
        return f'({text} COLLATE "C")'

    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Expand the array; NULL has no elements."""
        return f"jsonb_array_elements({self.raw(document, names)}) AS e(value)"

    def element_text(self, sub: str) -> str:
        """Return text of the element's key."""
        return self.text("e.value", [sub])

    def part(self, text: str, op: str, value: str) -> SQL:
        """Use the string functions, which know no wildcards."""
        if op == "co":
            return f"strpos({text}, %s) > 0", [value]
        side = "left" if op == "sw" else "right"
        return f"{side}({text}, %s) = %s", [len(value), value]


class MySQL(Dialect):
    """MariaDB and MySQL; texts take a binary collation without padding."""

    def __init__(self, collation: str) -> None:
        self.collation = collation

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return JSON."""
        return f"JSON_EXTRACT({document}, {self.json_path(names)})"

    def text(self, document: str, names: Sequence[str]) -> str:
        """Return the unquoted text."""
        return f"JSON_UNQUOTE({self.raw(document, names)})"

    def number(self, text: str) -> str:
        """Convert to a double."""
        return f"({text} + 0e0)"

    def exact(self, text: str) -> str:
        """Compare bytes of UTF-8."""
        return f"(CONVERT({text} USING utf8mb4) COLLATE {self.collation})"

    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Expand by JSON_TABLE with a column for each sub-attribute that is asked for."""
        path = self.json_path(names)[:-1] + "[*]'"
        columns = ", ".join(
            f"{self.column(sub)} LONGTEXT PATH {self.json_path([sub])}" for sub in _checked(subs)
        )
        return f"JSON_TABLE({document}, {path} COLUMNS ({columns})) AS e"

    def column(self, sub: str) -> str:
        """Return the quoted name of a sub-attribute's column."""
        return f"`{sub}`"

    def element_text(self, sub: str) -> str:
        """Return the column."""
        return f"e.{self.column(sub)}"

    def part(self, text: str, op: str, value: str) -> SQL:
        """Use the string functions; a collation of its own for the value would be ambiguous."""
        if op == "co":
            return f"LOCATE(%s, {text}) > 0", [value]
        side = "LEFT" if op == "sw" else "RIGHT"
        return f"{side}({text}, %s) = %s", [len(value), value]


def dialect_for(connection: BaseDatabaseWrapper) -> Dialect:
    """Return the fragments of a database.

    Raises:
        NotSupportedError: there are none for it.
    """
    if connection.vendor == "sqlite":
        return Dialect()
    if connection.vendor == "postgresql":
        return PostgreSQL()
    if connection.vendor == "mysql":
        return MySQL(str(exact_collation(connection)))
    raise NotSupportedError(f"Filters on JSON are not written for {connection.vendor}.")
