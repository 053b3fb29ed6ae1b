"""SQLite: JSON is a text, and there is one writer at a time."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.storage.sql.vendors.base import SQL, Savepoint, Vendor
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.fragments.json_rows import JSONRows
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of
from django_scim_provider.storage.sql.vendors.indexes import IndexInPlace, Shape, WantedIndex, plain
from django_scim_provider.storage.sql.vendors.text_indexes import SQLiteIndexes

_STEPS = 1000
"""Steps of the virtual machine between two looks at the clock: some microseconds."""

# Result codes: https://www.sqlite.org/rescode.html
_CONFLICTS = {
    sqlite3.SQLITE_BUSY_SNAPSHOT,  # somebody wrote since the snapshot
    sqlite3.SQLITE_LOCKED_SHAREDCACHE,  # a lock between threads, which no time limit waits for
}
_OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
}
"""Primary codes: the low byte of a result code."""
_MISSING = re.compile(r"NOT NULL constraint failed: [^.]+\.(.+)")

_INDEXES = """
    SELECT list.name, info.name, info.coll, entry.sql
    FROM pragma_index_list(%s) AS list
    JOIN pragma_index_xinfo(list.name) AS info ON info.seqno = 0
    LEFT JOIN sqlite_master AS entry ON entry.type = 'index' AND entry.name = list.name
"""
"""The first key of each; that of an expression has no name."""


class SQLite(SQLiteIndexes, Vendor):
    """Texts compare byte for byte by SQLite's own default, so ``exact`` has nothing to do."""

    backend = "sqlite"

    share_lock_at_once = ""
    out_of_time = frozenset({"SQLITE_INTERRUPT"})

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return an SQL value for a leaf, JSON for an object or a list."""
        return f"json_extract({document}, {self.json_path(names)})"

    def text(self, document: str, names: Sequence[str]) -> str:
        """Return the same: a leaf has no quotes."""
        return self.raw(document, names)

    def number(self, text: str, beside: float = 0) -> str:
        """Return the same: numbers in JSON are numbers in SQL."""
        return text

    def exact(self, text: str) -> str:
        """Return the same: what ``json_extract`` returns has the collation BINARY."""
        return text

    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Expand the list by a table-valued function."""
        return f"json_each({document}, {self.json_path(names)}) AS e"

    def element_text(self, sub: str) -> str:
        """Return a leaf of the element, which is JSON."""
        return self.text("e.value", [sub])

    def part(self, text: str, op: str, value: str) -> SQL:
        """Use ``instr`` and ``substr``: LIKE ignores the case of ASCII, and GLOB has wildcards."""
        if op == "co":
            return f"instr({text}, %s) > 0", [value]
        if op == "sw":
            return f"substr({text}, 1, %s) = %s", [made_of(value, len), value]
        return f"substr({text}, %s) = %s", [made_of(value, _length_from_end), value]

    def byte_length(self, text: str) -> str:
        """Cast to bytes: ``length`` counts characters; ``octet_length`` came with 3.43."""
        return f"length(CAST({text} AS BLOB))"

    def rows_as_json(self, rows: JSONRows) -> str | None:
        """Aggregate by the JSON functions, of which one makes an empty list of nothing."""
        made = f"NULLIF(json_group_array(json_array({rows.names()})), '[]')"
        return rows.limited(made, self.byte_length(made))

    def insert_or_ignore(self, rows: str) -> str:
        """Name the conflict: INSERT OR IGNORE would swallow a missing value as well."""
        return f"INSERT {rows} ON CONFLICT DO NOTHING"

    def key_list(self, keys: Sequence[Any]) -> SQL | None:
        """Return a JSON array: parameters are few, 999 before SQLite 3.32."""
        return "SELECT value FROM json_each(%s)", [json.dumps(list(keys))]

    def text_list(self, texts: Sequence[str]) -> SQL | None:
        """Return a JSON array, as for keys."""
        return self.key_list(texts)

    def row_marks(self, shared: str, *others: str) -> str | None:
        """Return nothing: there is one writer."""
        return ""

    def holds_write_lock(self, connection: BaseDatabaseWrapper) -> bool:
        """Follow Django's ``transaction_mode``; by default the first write takes the lock."""
        options = connection.settings_dict.get("OPTIONS", {})
        return str(options.get("transaction_mode", "")).upper() in {"IMMEDIATE", "EXCLUSIVE"}

    @contextmanager
    def not_waiting(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """Switch the busy handler off, and back on to what the project has set."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            (before,) = cursor.fetchone()
            cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                # A PRAGMA takes no parameters.
                cursor.execute(f"PRAGMA busy_timeout = {int(before)}")

    @contextmanager
    def time_limited(
        self, connection: BaseDatabaseWrapper, seconds: float, savepoint: Savepoint
    ) -> Iterator[None]:
        """Interrupt the query from within: there is no server to do it."""
        connection.ensure_connection()
        raw = connection.connection
        end = time.monotonic() + seconds
        raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield
        finally:
            raw.set_progress_handler(None, 0)

    def any_case_index(self, column: str, *, is_short: bool) -> WantedIndex:
        """Name the collation: ``iexact`` is LIKE, which such an index serves, and no other one.

        A pattern without wildcards is a range of one value, and ESCAPE does no harm
        (https://www.sqlite.org/optoverview.html#the_like_optimization).
        """
        key = f"{column} COLLATE NOCASE"
        return WantedIndex(Shape(plain(key)), key)

    def indexes_of(self, connection: BaseDatabaseWrapper, table: str) -> list[IndexInPlace] | None:
        """Ask the catalog; the condition of an index is in the statement that made it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = %s", [table]
            )
            if cursor.fetchone() is None:
                return None
            cursor.execute(_INDEXES, [table])
            return [
                IndexInPlace(name, Shape(_key(column, collation), _condition(sql or "")))
                for name, column, collation, sql in cursor.fetchall()
            ]

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        """Return the name of the result code; errors of the module itself have none."""
        if not isinstance(error, sqlite3.Error):
            return None
        name: str | None = getattr(error, "sqlite_errorname", None)
        return name

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Judge by the extended code where it says more than the primary one."""
        if not isinstance(error, sqlite3.Error) or cls.code_of(error) is None:
            return None
        code = error.sqlite_errorcode
        if code in _CONFLICTS:
            return Cause.CONFLICT
        return Cause.OUTAGE if code & 0xFF in _OUTAGES else Cause.FAULT

    @classmethod
    def missing_value_of(cls, error: BaseException) -> str | None:
        """Read the text, which SQLite has in English only; nothing else has the column."""
        if cls.code_of(error) != "SQLITE_CONSTRAINT_NOTNULL":
            return None
        found = _MISSING.search(str(error))
        return found.group(1) if found else ""


def _length_from_end(text: str) -> int:
    return -len(text)


def _key(column: str | None, collation: str) -> str:
    """Return the key of an index; BINARY is what a column has unless it says otherwise."""
    ending = "" if collation == "BINARY" else f" COLLATE {collation}"
    return "" if column is None else plain(f"{column}{ending}")


def _condition(sql: str) -> str:
    return plain(sql.partition(" WHERE ")[2])
