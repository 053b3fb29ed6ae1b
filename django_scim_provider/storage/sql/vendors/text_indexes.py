"""Indexes on texts of the app's own tables that no migration makes, as each vendor has them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.storage.sql.vendors import catalogs


@dataclass(frozen=True, slots=True)
class TextIndex:
    """An index that is wanted. Its names have no quotes."""

    name: str
    table: str
    column: str
    """Holds the text, or the document with the text."""
    path: tuple[str, ...] = ()
    """Where the text stands in the document."""


@dataclass(frozen=True, slots=True)
class NamedIndex:
    """An index that is there."""

    name: str
    table: str
    schema: str = ""
    is_valid: bool = True
    """Is it whole and in use?"""
    is_being_made: bool = False


class TextIndexes(ABC):
    """The indexes of a vendor: of the connection and beginnings of texts, and of parts of texts."""

    has_parts: ClassVar[bool] = False
    """Can there be indexes of parts?"""

    @abstractmethod
    def text(self, document: str, names: Sequence[str]) -> str:
        """Return the text at a path, without quotes."""

    @abstractmethod
    def exact(self, text: str) -> str:
        """Return a text such that comparisons see every character, and order by code point."""

    @abstractmethod
    def beginning(self, document: str, names: Sequence[str], length: int, index: str) -> str:
        """Return the first characters of the text at a path, as an index of that name has them."""

    @abstractmethod
    def named_indexes(self, connection: BaseDatabaseWrapper, prefix: str) -> list[NamedIndex]:
        """Return the indexes whose names begin so, of tables that the session sees."""

    def beginnings_index(
        self, connection: BaseDatabaseWrapper, wanted: TextIndex, length: int, *, concurrent: bool
    ) -> list[str]:
        """Return what makes an index of the connection and the beginnings."""
        quote = connection.ops.quote_name
        key = self.beginning(quote(wanted.column), wanted.path, length, quote(wanted.name))
        return [
            f"CREATE INDEX {quote(wanted.name)} ON {quote(wanted.table)} "
            f"({quote('provider_id')}, {key})"
        ]

    def drop_named(
        self, connection: BaseDatabaseWrapper, index: NamedIndex, *, concurrent: bool
    ) -> str:
        """Return the statement."""
        return f"DROP INDEX {connection.ops.quote_name(index.name)}"

    def parts_extension(self, connection: BaseDatabaseWrapper) -> list[str] | None:
        """Return what indexes of parts need first; None where there can be none."""
        return None

    def parts_index(
        self, connection: BaseDatabaseWrapper, wanted: TextIndex, *, concurrent: bool
    ) -> list[str]:
        """Return what makes an index that finds texts by what stands in them."""
        return []

    def lacks_column(self, error: BaseException) -> bool:
        """Tell whether a statement failed as it names a column of an index that is gone."""
        return False


class PostgreSQLIndexes(TextIndexes):
    """Indexes of expressions; parts of texts are found by trigrams (the extension ``pg_trgm``)."""

    has_parts = True

    def beginning(self, document: str, names: Sequence[str], length: int, index: str) -> str:
        """Return the expression."""
        return self.exact(f"left({self.text(document, names)}, {length})")

    def named_indexes(self, connection: BaseDatabaseWrapper, prefix: str) -> list[NamedIndex]:
        """Ask the catalogs; the search path of the session says which tables."""
        with connection.cursor() as cursor:
            cursor.execute(catalogs.NAMED_INDEXES, [prefix])
            return [NamedIndex(*row) for row in cursor.fetchall()]

    def beginnings_index(
        self, connection: BaseDatabaseWrapper, wanted: TextIndex, length: int, *, concurrent: bool
    ) -> list[str]:
        """Let others write meanwhile, which no transaction can do."""
        (statement,) = super().beginnings_index(connection, wanted, length, concurrent=concurrent)
        return [_beside_writers(statement) if concurrent else statement]

    def drop_named(
        self, connection: BaseDatabaseWrapper, index: NamedIndex, *, concurrent: bool
    ) -> str:
        """Let others write meanwhile; another one may have dropped it by then."""
        quote, how = connection.ops.quote_name, "CONCURRENTLY " if concurrent else ""
        return f"DROP INDEX {how}IF EXISTS {quote(index.schema)}.{quote(index.name)}"

    def parts_extension(self, connection: BaseDatabaseWrapper) -> list[str] | None:
        """Make the extension where it is missing and the role may."""
        with connection.cursor() as cursor:
            cursor.execute(catalogs.TRIGRAMS)
            found = cursor.fetchone()
        if found is None or not any(found):
            return None
        is_there, _ = found
        return [] if is_there else ["CREATE EXTENSION IF NOT EXISTS pg_trgm"]

    def parts_index(
        self, connection: BaseDatabaseWrapper, wanted: TextIndex, *, concurrent: bool
    ) -> list[str]:
        """Make one of trigrams, which takes texts of any length."""
        quote = connection.ops.quote_name
        column = quote(wanted.column)
        key = self.exact(self.text(column, wanted.path)) if wanted.path else column
        statement = (
            f"CREATE INDEX {quote(wanted.name)} ON {quote(wanted.table)} "
            f"USING gin ({key} gin_trgm_ops)"
        )
        return [_beside_writers(statement) if concurrent else statement]


class SQLiteIndexes(TextIndexes):
    """Indexes of expressions."""

    def beginning(self, document: str, names: Sequence[str], length: int, index: str) -> str:
        """Return the expression."""
        return f"substr({self.text(document, names)}, 1, {length})"

    def named_indexes(self, connection: BaseDatabaseWrapper, prefix: str) -> list[NamedIndex]:
        """Ask the catalog."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, tbl_name FROM sqlite_master "
                "WHERE type = 'index' AND substr(name, 1, length(%s)) = %s",
                [prefix, prefix],
            )
            return [NamedIndex(*row) for row in cursor.fetchall()]


_GENERATED = """
    SELECT c.COLUMN_NAME, c.TABLE_NAME, '', EXISTS (
        SELECT 1 FROM information_schema.STATISTICS AS s
        WHERE s.TABLE_SCHEMA = c.TABLE_SCHEMA AND s.TABLE_NAME = c.TABLE_NAME
            AND s.INDEX_NAME = c.COLUMN_NAME AND s.COLUMN_NAME = c.COLUMN_NAME)
    FROM information_schema.COLUMNS AS c
    WHERE c.TABLE_SCHEMA = DATABASE() AND LEFT(c.COLUMN_NAME, CHAR_LENGTH(%s)) = %s
"""
_UNKNOWN_COLUMN = 1054


class MySQLIndexes(TextIndexes):
    """Indexes of virtual columns, each with the name of its index.

    MariaDB has no indexes of expressions, and looks for none behind an expression in a filter
    (https://mariadb.com/kb/en/generated-columns/), so filters name the column. Django names its
    columns in each INSERT and SELECT: one more is in nobody's way.
    """

    collation: str | None

    def beginning(self, document: str, names: Sequence[str], length: int, index: str) -> str:
        """Return the column beside that of the document."""
        table, dot, _ = document.rpartition(".")
        return f"{table}{dot}{index}"

    def named_indexes(self, connection: BaseDatabaseWrapper, prefix: str) -> list[NamedIndex]:
        """Ask for the columns; one without its index is half made."""
        with connection.cursor() as cursor:
            cursor.execute(_GENERATED, [prefix, prefix])
            return [
                NamedIndex(name, table, schema, bool(is_valid))
                for name, table, schema, is_valid in cursor.fetchall()
            ]

    def beginnings_index(
        self, connection: BaseDatabaseWrapper, wanted: TextIndex, length: int, *, concurrent: bool
    ) -> list[str]:
        """Add the column, which takes a moment, and then the index, beside writers."""
        quote = connection.ops.quote_name
        made = f"LEFT({self.text(quote(wanted.column), wanted.path)}, {length})"
        return [
            f"ALTER TABLE {quote(wanted.table)} ADD COLUMN {quote(wanted.name)} "
            f"VARCHAR({length}) CHARACTER SET utf8mb4 COLLATE {self.collation} "
            f"GENERATED ALWAYS AS ({made}) VIRTUAL",
            *super().beginnings_index(connection, wanted, length, concurrent=concurrent),
        ]

    def drop_named(
        self, connection: BaseDatabaseWrapper, index: NamedIndex, *, concurrent: bool
    ) -> str:
        """Drop the column with its index, which would stay on the other column."""
        quote = connection.ops.quote_name
        name = quote(index.name)
        first = f"DROP INDEX {name}, " if index.is_valid else ""
        return f"ALTER TABLE {quote(index.table)} {first}DROP COLUMN {name}"

    def lacks_column(self, error: BaseException) -> bool:
        """Judge by the number."""
        return bool(error.args) and error.args[0] == _UNKNOWN_COLUMN


def _beside_writers(statement: str) -> str:
    return statement.replace("CREATE INDEX ", "CREATE INDEX CONCURRENTLY ", 1)
