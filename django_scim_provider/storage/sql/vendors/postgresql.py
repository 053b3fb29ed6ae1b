"""PostgreSQL: the folded document is jsonb, and locks are of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.storage.sql.vendors import catalogs
from django_scim_provider.storage.sql.vendors.base import SQL, Savepoint, Vendor
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.fragments.json_rows import JSONRows
from django_scim_provider.storage.sql.vendors.fragments.literals import (
    checked_names,
    milliseconds,
    pattern_of_ending,
    pattern_of_part,
    text_array,
)
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of
from django_scim_provider.storage.sql.vendors.indexes import IndexInPlace, Shape, WantedIndex, plain
from django_scim_provider.storage.sql.vendors.prepared import prepare_no_more, preparing_cursor
from django_scim_provider.storage.sql.vendors.text_indexes import PostgreSQLIndexes

# SQLSTATEs: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
_SERIALIZATION_FAILURE = "40001"
_NOT_SUPPORTED = "0A000"
_NOT_PREPARED = {"26000", "42P05"}  # no statement of that name, or another one
_CONFLICTS = {_SERIALIZATION_FAILURE, "40P01"}  # deadlock_detected
_OUTAGES = (
    "08",  # the connection
    "40",  # rolled back; whether it was completed is not known
    "53",  # out of connections, memory, disk
    "57",  # cancelled, shut down, cannot connect now
    "58",  # the disk, the operating system
    "25006",  # read only
    "25P03",  # idle in transaction for too long
    "25P04",  # transaction for too long
    "55P03",  # a lock was not to be had
)
"""Classes of codes, and codes."""


class PostgreSQL(PostgreSQLIndexes, Vendor):
    """By psycopg 3 or psycopg2."""

    backend = "postgresql"

    share_lock = " FOR SHARE"
    writes_in_with = True
    share_lock_at_once = " FOR SHARE SKIP LOCKED"
    out_of_time = frozenset({"57014"})  # query_canceled
    overtaken = frozenset({_SERIALIZATION_FAILURE})
    builds_concurrently = True
    contains_documents = True
    fence = " OFFSET 0"
    # An array is made once, before all else, and its keys are looked up. Of a sub-select the
    # planner thinks what statistics say, and may read all rows in the order of keys instead.
    found_keys = "{key} = ANY(ARRAY({rows}))"
    kept_from_indexes = "CASE WHEN {} THEN TRUE ELSE FALSE END"
    sorts_by_beginnings = True
    kept_count = (
        "SELECT SUM(change)::bigint FROM scim_provider_resource_count"
        " WHERE provider_id = %s AND counted = %s"
    )

    def json_path(self, names: Sequence[str]) -> str:
        """Return a path as the literal of an array of texts."""
        return "'{" + ",".join(f'"{name}"' for name in checked_names(names)) + "}'"

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return jsonb."""
        return f"({document} #> {self.json_path(names)})"

    def text(self, document: str, names: Sequence[str]) -> str:
        """Return text."""
        return f"({document} #>> {self.json_path(names)})"

    def number(self, text: str, beside: float = 0) -> str:
        """Cast; the schema says that it is a number, and was asked before it was stored."""
        return f"{text}::numeric"

    def exact(self, text: str) -> str:
        """Name the collation: that of the database orders by a language's rules."""
        return f'({text} COLLATE "{self.collation}")'

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
        return f"{side}({text}, %s) = %s", [made_of(value, len), value]

    def part_of_column(self, text: str, op: str, value: str, *, is_exact: bool) -> SQL:
        """Use LIKE, which an index of trigrams serves; other collations than ours may refuse it."""
        if op == "co":
            return f"{text} LIKE %s", [made_of(value, pattern_of_part)]
        if op == "ew" and is_exact:
            return f"{text} LIKE %s", [made_of(value, pattern_of_ending)]
        return self.part(text, op, value)

    def microseconds(self, column: str) -> str | None:
        """Return a bigint."""
        return f"(EXTRACT(EPOCH FROM {column}) * 1000000)::bigint"

    def keeps_count(self, table: str) -> SQL:
        """Ask the catalog for the triggers (``migrations._counters``), all of them and enabled."""
        return catalogs.COUNTERS, [table]

    def rows_as_json(self, rows: JSONRows) -> str | None:
        """Name the aggregate twice: it is made once."""
        made = f"json_agg(json_build_array({rows.names()}))::text"
        return rows.limited(made, self.byte_length(made))

    def keeping_cursor(
        self, connection: BaseDatabaseWrapper, wanted: bool | None, statement: str
    ) -> Any:
        """Have it prepared, where the driver and the session allow it."""
        return preparing_cursor(connection, wanted, statement)

    def keeps_no_more(self, connection: BaseDatabaseWrapper, error: BaseException) -> bool:
        """Send the text each time from then on."""
        if error.__cause__ is None or not self._is_outdated(error.__cause__):
            return False
        prepare_no_more(connection)
        return True

    @classmethod
    def _is_outdated(cls, error: BaseException) -> bool:
        """Judge by the SQLSTATE, and for a common one by the function that complains.

        That is so after a migration, or under another search path, where a column has another type.
        """
        code = cls.code_of(error)
        if code == _NOT_SUPPORTED:
            where = getattr(getattr(error, "diag", None), "source_function", None)
            return where == "RevalidateCachedQuery"
        return code in _NOT_PREPARED

    def insert_or_ignore(self, rows: str) -> str:
        """Leave the constraint unnamed, so that it is any."""
        return f"INSERT {rows} ON CONFLICT DO NOTHING"

    def key_list(self, keys: Sequence[Any]) -> SQL | None:
        """Return an array: in a long list of parameters, parsing takes longer than the search."""
        return "SELECT unnest(%s::uuid[])", [[str(key) for key in keys]]

    def text_list(self, texts: Sequence[str]) -> SQL | None:
        """Return an array, as for keys."""
        return "SELECT unnest(%s::text[])", [list(texts)]

    key_parameter: ClassVar[str] = "%s::uuid"

    def numbered_key(self, order: str) -> str:
        """Return it as a UUID."""
        number = f"lpad(to_hex(row_number() OVER (ORDER BY {order})), 8, '0')"
        return f"(%s::text || {number})::uuid"

    def together(self, writes: Sequence[str], select: str | None) -> str | None:
        """Name each part of a WITH."""
        parts = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(writes))
        return f"WITH {parts} {select or 'SELECT 1'}"

    def insert_columns(
        self, into: str, types: Sequence[str], columns: Sequence[Sequence[Any]]
    ) -> SQL | None:
        """Unnest an array for each column."""
        # Without the length of a type: a cast would cut what an INSERT refuses.
        arrays = ", ".join(f"%s::{kind.partition('(')[0]}[]" for kind in types)
        insert = f"INSERT {into} SELECT * FROM unnest({arrays})"  # noqa: S608 - types of columns
        return insert, [text_array(column) or list(column) for column in columns]

    def row_marks(self, shared: str, *others: str) -> str | None:
        """Name the tables: each row is locked in the order of the clauses, and read as it then is.

        What a sub-select of the statement reads is as old as its beginning.
        """
        marks = [f" FOR SHARE OF {shared}", *(f" FOR NO KEY UPDATE OF {each}" for each in others)]
        return "".join(marks)

    def turn_sql(self, table: str) -> str | None:
        """Wait until nobody writes, and keep others from beginning, before the snapshot is taken.

        Above READ COMMITTED a transaction sees what was there at its first query, and one that
        waits for a row that somebody changes has waited for nothing: the first to commit wins, and
        a long one never does. LOCK TABLE is no query, so the snapshot is taken after it, and its
        queue is in order. All writes take ROW SHARE on the table first, which this mode excludes;
        reads go on (PostgreSQL documentation, 13.3.1).
        """
        return f"LOCK TABLE {table} IN EXCLUSIVE MODE"

    @contextmanager
    def time_limited(
        self, connection: BaseDatabaseWrapper, seconds: float, savepoint: Savepoint
    ) -> Iterator[None]:
        """Set the limit in a transaction of its own, or in a savepoint of the one that is there."""
        nested, limit = connection.in_atomic_block, milliseconds(seconds)
        with savepoint(connection.alias):
            with connection.cursor() as cursor:
                cursor.execute(catalogs.SET_SHORTER, [str(limit), limit])
                before = cursor.fetchone()
            yield
            # RELEASE SAVEPOINT keeps what was set, so a transaction that goes on gets its limit
            # back by hand; after an error, the rollback to the savepoint has undone it.
            if nested and before is not None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before[0]])

    def any_case_index(self, column: str, *, is_short: bool) -> WantedIndex:
        """Return what Django compares: ``iexact`` is an equation of two results of ``UPPER``.

        An entry of a B-tree holds less than 2,704 bytes, and a longer text could not be stored any
        more; a hash index knows equations only, and takes texts of any length.
        """
        shape = Shape(plain(f"upper({column})"))
        method = "" if is_short else "hash"
        return WantedIndex(shape, f"UPPER({column}::text)", method=method)

    def indexes_of(self, connection: BaseDatabaseWrapper, table: str) -> list[IndexInPlace] | None:
        """Ask the catalogs; the search path of the session says which table it is."""
        table = connection.ops.quote_name(table)
        with connection.cursor() as cursor:
            cursor.execute(catalogs.TABLE, [table])
            kind = cursor.fetchone()
            if kind is None or not kind[0]:
                return None
            cursor.execute(catalogs.INDEXES, [table])
            return [
                IndexInPlace(
                    name,
                    Shape(plain(key), plain(condition)),
                    schema=schema,
                    is_valid=is_valid,
                    is_being_made=is_being_made,
                )
                for name, schema, key, condition, is_valid, is_being_made in cursor.fetchall()
            ]

    def create_index(self, name: str, table: str, wanted: WantedIndex, *, concurrent: bool) -> str:
        """Let others write meanwhile, which no transaction can do."""
        how = "CONCURRENTLY " if concurrent else ""
        using = f" USING {wanted.method}" if wanted.method else ""
        return f"CREATE INDEX {how}{name} ON {table}{using} ({wanted.key}){wanted.where}"

    def drop_index(self, name: str, table: str, *, concurrent: bool) -> str:
        """Let others write meanwhile; another one may have dropped it by then."""
        return f"DROP INDEX {'CONCURRENTLY ' if concurrent else ''}IF EXISTS {name}"

    def refresh_statistics(self, table: str) -> str | None:
        """Without statistics of the expression, the planner expects 0.5 % of all rows for each.

        That many are found soon by reading the table, and so it does (PostgreSQL documentation,
        "ANALYZE", on expression indexes).
        """
        return f"ANALYZE {table}"

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        """Return the SQLSTATE, as psycopg 3 calls it, or psycopg2."""
        state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        return state if isinstance(state, str) else None

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Judge by the SQLSTATE."""
        code = cls.code_of(error)
        if code is None:
            return None
        if code in _CONFLICTS or cls._is_outdated(error):
            return Cause.CONFLICT
        return Cause.OUTAGE if code.startswith(_OUTAGES) else Cause.FAULT

    @classmethod
    def missing_value_of(cls, error: BaseException) -> str | None:
        """Ask the fields of the message (``not_null_violation``)."""
        if cls.code_of(error) != "23502":
            return None
        return getattr(getattr(error, "diag", None), "column_name", None) or ""
