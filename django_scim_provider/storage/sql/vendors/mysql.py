"""MySQL, and MariaDB, which grew out of it: much is the same, and some of it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.storage.sql.vendors.base import SQL, Savepoint, Vendor
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.fragments.json_rows import UNTOLD, JSONRows
from django_scim_provider.storage.sql.vendors.fragments.literals import checked_names, milliseconds
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of
from django_scim_provider.storage.sql.vendors.indexes import IndexInPlace, Shape, WantedIndex, plain
from django_scim_provider.storage.sql.vendors.text_indexes import MySQLIndexes

# Numbers: MySQL's "Server Error Message Reference" and "Client Error Message Reference",
# https://mariadb.com/kb/en/mariadb-error-codes/
_CONFLICTS = {
    1020,  # the row has changed since the snapshot (MariaDB's innodb_snapshot_isolation)
    1213,  # deadlock, or a certification that failed on a Galera cluster
    3101,  # a certification that failed in a replication group
}
_OUTAGES = {
    *(1021, 1037, 1038, 1041, 1114),  # disk, memory or table full
    *(1040, 1042, 1043, 1129, 1130, 1203, 1226),  # too many connections, or not let in
    *(1044, 1045, 1698),  # no access, as while passwords are changed
    *(1047, 1053, 1079, 1077, 1080),  # a cluster's node that is not ready; a shut-down
    *(1158, 1159, 1160, 1161, 1184),  # the network
    *(1180, 1181),  # an error during COMMIT or ROLLBACK
    *(1205, 1206, 1637, 1689, 3572),  # a lock was not to be had; too many locks or transactions
    *(1290, 1792, 1836, 3100),  # read only
    *(1317, 1927, 1969, 3024, 4031),  # interrupted, killed, out of time, idle for too long
    *(2002, 2003, 2004, 2005, 2006, 2011, 2012, 2013, 2026, 2055),  # the client's: connection lost
}
_MISSING = {1048, 1364}  # the column cannot be null; the field has no default value
_DRIVERS = ("pymysql", "MySQLdb", "mysql", "mariadb")

_INDEXES = """
    SELECT s.INDEX_NAME, s.COLUMN_NAME
    FROM information_schema.STATISTICS AS s
    WHERE s.TABLE_SCHEMA = DATABASE() AND s.TABLE_NAME = %s AND s.SEQ_IN_INDEX = 1
        AND s.INDEX_TYPE = 'BTREE'
"""
_TABLE = """
    SELECT 1 FROM information_schema.TABLES
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s AND TABLE_TYPE = 'BASE TABLE'
"""
_INEXACT = 2**53
"""The first integer whose successor is no double."""
_PREFIX = 191
"""Characters of a long text that an index holds: as many as any row format takes."""


class MySQL(MySQLIndexes, Vendor):
    """By mysqlclient or PyMySQL."""

    backend = "mysql"

    # FOR SHARE would do on MySQL 8 alone; MariaDB has the old words only.
    share_lock = " LOCK IN SHARE MODE"
    # At REPEATABLE READ, which a project may ask for: Django itself asks for READ COMMITTED
    # (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html).
    reads_snapshots = True
    # MariaDB's ER_STATEMENT_TIMEOUT and MySQL's ER_QUERY_TIMEOUT.
    out_of_time = frozenset({"1969", "3024"})

    @classmethod
    def serves(cls, connection: BaseDatabaseWrapper) -> bool:
        """By Django's name of the backend, and what the server says it is."""
        return connection.vendor == cls.backend and not _is_mariadb(connection)

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return JSON."""
        return f"JSON_EXTRACT({document}, {self.json_path(names)})"

    def text(self, document: str, names: Sequence[str]) -> str:
        """Return the unquoted text."""
        return f"JSON_UNQUOTE({self.raw(document, names)})"

    def number(self, text: str, beside: float = 0) -> str:
        """Convert to a double; as they are, texts of digits would go by their characters.

        Beside a large integer, of which doubles do not know each, to a decimal: what does not fit
        in there is its largest number, and still larger than any that a filter may have.
        """
        if isinstance(beside, int) and abs(beside) >= _INEXACT:
            return f"CAST({text} AS DECIMAL(65, 20))"
        return f"({text} + 0e0)"

    def exact(self, text: str) -> str:
        """Compare bytes of UTF-8 under a collation without padding.

        With padding, blanks at the end would not count. The text is converted first, since a
        collation fits its own character set only, and JSON functions return texts of the
        connection's.
        """
        return f"(CONVERT({text} USING utf8mb4) COLLATE {self.collation})"

    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Expand by JSON_TABLE, which wants a column for each sub-attribute that is asked for."""
        path = self.json_path(names)[:-1] + "[*]'"
        columns = ", ".join(
            f"{self.column(sub)} LONGTEXT PATH {self.json_path([sub])}"
            for sub in checked_names(subs)
        )
        return f"JSON_TABLE({document}, {path} COLUMNS ({columns})) AS e"

    def column(self, sub: str) -> str:
        """Return the quoted name of a sub-attribute's column: ``primary`` is a word of SQL's."""
        return f"`{sub}`"

    def element_text(self, sub: str) -> str:
        """Return the column."""
        return f"e.{self.column(sub)}"

    def part(self, text: str, op: str, value: str) -> SQL:
        """Use the string functions; a collation of its own for the value would be ambiguous."""
        if op == "co":
            # The text comes first, as its own parameters do.
            return f"INSTR({text}, %s) > 0", [value]
        side = "LEFT" if op == "sw" else "RIGHT"
        return f"{side}({text}, %s) = %s", [made_of(value, len), value]

    def mark(self, text: str, key: str) -> str:
        """Use CONCAT: two bars mean OR, unless the session's SQL mode says otherwise."""
        return f"CONCAT({self.byte_length(text)}, ':', {key})"

    def insert_or_ignore(self, rows: str) -> str:
        """Ignore whatever can be: there is no way to name conflicts alone.

        IGNORE turns other errors, such as a text that is too long, into warnings as well, so that
        values have to be known to fit (https://dev.mysql.com/doc/refman/8.4/en/insert.html).
        """
        return f"INSERT IGNORE {rows}"

    # ``key_list`` stays with a parameter for each: the server sorts a plain list and looks keys up
    # in it, and would read a table made of JSON again for every row. A statement may be as long as
    # max_allowed_packet.

    def numbered_key(self, order: str) -> str:
        """Return it by the functions of this vendor."""
        return f"CONCAT(%s, LPAD(LOWER(HEX(ROW_NUMBER() OVER (ORDER BY {order}))), 8, '0'))"

    def read_current(self, select: str) -> str:
        """Lock what is read: each part of a UNION takes its lock in brackets of its own."""
        return f"({select}{self.share_lock})"

    @contextmanager
    def time_limited(
        self, connection: BaseDatabaseWrapper, seconds: float, savepoint: Savepoint
    ) -> Iterator[None]:
        """Write the limit into each SELECT: there is no limit that ends with the transaction."""
        begin = self.limited_select(connection, seconds)

        def limited(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            return execute(begin + sql[len("SELECT") :] if sql.startswith("SELECT") else sql, *rest)

        with connection.execute_wrapper(limited):
            yield

    def limited_select(self, connection: BaseDatabaseWrapper, seconds: float) -> str:
        """Return what SELECT becomes, with a hint."""
        # A hint takes no expression, so what the session has must be known before.
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@max_execution_time")
            return mysql_beginning(seconds, own=int(cursor.fetchone()[0]))

    def any_case_index(self, column: str, *, is_short: bool) -> WantedIndex:
        """Return a plain index: the collation folds case, and ``iexact`` is LIKE.

        A collation that does not fold makes ``iexact`` exact, which the same index serves.
        """
        key = column if is_short else f"{column}({_PREFIX})"
        return WantedIndex(Shape(plain(column)), key)

    def flag_indexes(self, key: str, flags: Sequence[str]) -> list[WantedIndex]:
        """Return an index for each, which are merged: there are none with a condition."""
        return [WantedIndex(Shape(plain(flag)), flag) for flag in flags]

    def indexes_of(self, connection: BaseDatabaseWrapper, table: str) -> list[IndexInPlace] | None:
        """Ask the information schema; an expression of MySQL's has no column."""
        with connection.cursor() as cursor:
            cursor.execute(_TABLE, [table])
            if cursor.fetchone() is None:
                return None
            cursor.execute(_INDEXES, [table])
            rows = cursor.fetchall()
            return [IndexInPlace(name, Shape(plain(column or ""))) for name, column in rows]

    def drop_index(self, name: str, table: str, *, concurrent: bool) -> str:
        """Name the table: names of indexes are its own."""
        return f"DROP INDEX {name} ON {table}"

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        """Return the number as a text."""
        number = _number(error)
        return None if number is None else str(number)

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Judge by the number."""
        number = _number(error)
        if number is None:
            return None
        if number in _CONFLICTS:
            return Cause.CONFLICT
        return Cause.OUTAGE if number in _OUTAGES else Cause.FAULT

    @classmethod
    def missing_value_of(cls, error: BaseException) -> str | None:
        """Read the name between quotes: the text is in the language of the server."""
        if _number(error) not in _MISSING:
            return None
        found = re.search(r"'([^']+)'", str(error.args[1:]))
        return found.group(1) if found else ""


class MariaDB(MySQL):
    """MySQL but for its own clause of time limits, and a limit to recursion that says nothing."""

    # The answer would end after 1,000 levels with what there is by then, and a warning
    # (https://mariadb.com/kb/en/server-system-variables/#max_recursive_iterations).
    recursion_prefix = "SET STATEMENT max_recursive_iterations = 4294967295 FOR"

    @classmethod
    def serves(cls, connection: BaseDatabaseWrapper) -> bool:
        """By Django's name of the backend, and what the server says it is."""
        return connection.vendor == cls.backend and _is_mariadb(connection)

    def rows_as_json(self, rows: JSONRows) -> str | None:
        """Limit the aggregate itself, which MySQL cannot: no derived table sees the outer query.

        The server cuts a text off at ``group_concat_max_len``, brackets not counted.
        """
        each = f"JSON_ARRAY({', '.join(rows.columns)})"
        made = f"JSON_ARRAYAGG({each} LIMIT {rows.most + 1})"
        longest = f"LEAST({rows.size}, @@group_concat_max_len)"
        too_large = f"COUNT(*) > {rows.most} OR {self.byte_length(made)} + 8 > {longest}"
        return f"(SELECT CASE WHEN {too_large} THEN {UNTOLD} ELSE {made} END {rows.source})"

    def together(self, writes: Sequence[str], select: str | None) -> str | None:
        """Make a block of them, which needs no stored procedure.

        Between client and server goes one message for all; a driver in Python takes as long for
        each as the server for what is in it (https://mariadb.com/kb/en/begin-end/).
        """
        parts = [*writes, select] if select else writes
        return f"BEGIN NOT ATOMIC {'; '.join(parts)}; END"

    def after_locks(self, locks: Sequence[str], select: str) -> str | None:
        """Take each by a SELECT INTO, which fails as any other does; DO would hide a deadlock."""
        taken = "; ".join(f"SELECT ({each}) INTO scim_lock" for each in locks)
        return f"BEGIN NOT ATOMIC DECLARE scim_lock INT; {taken}; {select}; END"

    def limited_select(self, connection: BaseDatabaseWrapper, seconds: float) -> str:
        """Return what SELECT becomes, with a clause that compares the limits itself."""
        return mariadb_beginning(seconds)


def mysql_beginning(seconds: float, *, own: int) -> str:
    """Return what SELECT becomes on MySQL; ``own`` are the session's milliseconds, 0 for none."""
    limit = milliseconds(seconds)
    return f"SELECT /*+ MAX_EXECUTION_TIME({min(own, limit) if own else limit}) */"


def mariadb_beginning(seconds: float) -> str:
    """Return what SELECT becomes on MariaDB; the session's own limit is in seconds, 0 for none."""
    own, limit = "@@max_statement_time", f"{milliseconds(seconds) / 1000:.3f}"
    shorter = f"IF({own} > 0, LEAST({own}, {limit}), {limit})"
    return f"SET STATEMENT max_statement_time={shorter} FOR SELECT"


def _is_mariadb(connection: Any) -> bool:
    return bool(connection.mysql_is_mariadb)


def _number(error: BaseException) -> int | None:
    """Return the number that drivers put before the text; Django's own errors repeat it."""
    first = error.args[0] if error.args else None
    is_of_database = isinstance(error, Error) or type(error).__module__.startswith(_DRIVERS)
    # PyMySQL says 0 of a connection that it has closed itself.
    return first if is_of_database and isinstance(first, int) and first > 0 else None
