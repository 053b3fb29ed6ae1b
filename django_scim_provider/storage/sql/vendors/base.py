"""The questions that the app asks of a database vendor.

What Django itself knows (``connection.features``: row locks, where NULL sorts) is asked of Django.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.filters.operators import SQL_SIGNS
from django_scim_provider.models.fields import exact_collation
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.fragments.joining import Joining
from django_scim_provider.storage.sql.vendors.fragments.json_rows import JSONRows
from django_scim_provider.storage.sql.vendors.fragments.literals import checked_names
from django_scim_provider.storage.sql.vendors.indexes import IndexInPlace, Shape, WantedIndex, plain
from django_scim_provider.storage.sql.vendors.levels import SupportLevel
from django_scim_provider.storage.sql.vendors.text_indexes import TextIndexes
from django_scim_provider.storage.sql.vendors.transacting import Transacting

SQL = tuple[str, list[Any]]
"""A fragment and its parameters."""
Savepoint = Callable[[str], AbstractContextManager[None]]
"""Given an alias, opens a savepoint, or a transaction where there is none."""


class Vendor(Joining, TextIndexes, Transacting, ABC):
    """One database vendor, as a connection has it.

    Answers that are given here are those of a database with row locks that reads what is committed.
    Paths in JSON are literals, made of names from schemas; values are parameters.
    """

    backend: ClassVar[str]
    """What Django calls its backend."""
    level: ClassVar[SupportLevel] = SupportLevel.WRITTEN
    orm_only: ClassVar[bool] = False
    """Is there no SQL of the app's own for it, so that the ORM has to do (``storage.portable``)?"""
    pads_texts: ClassVar[bool] = False
    """Do blanks at the end of a text not count, whatever its collation?"""
    keeps_nulls_out: ClassVar[bool] = True
    """Does it refuse NULL in a column that is to have none, also where a row is changed?"""
    share_lock: ClassVar[str] = ""
    """What ends a SELECT whose rows nobody else may change until the transaction ends.

    Others may take the same lock. Empty where who writes holds the only write lock anyway."""
    share_lock_at_once: ClassVar[str | None] = None
    """The same for a part of a SELECT, leaving out rows for which it would have to wait.

    So whatever else the statement reads is as new as its lock. None where no part can have it."""
    contains_documents: ClassVar[bool] = False
    """Does one index tell whether a document contains another one (``models.ContainmentIndex``)?"""
    sorts_by_beginnings: ClassVar[bool] = False
    """Does an index on the first of several keys save sorting all rows by these keys?"""
    kept_from_indexes: ClassVar[str] = "{}"
    """Has a place for an equation that no index is to serve; see ``connections_rows``."""
    found_keys: ClassVar[str] = "{key} IN ({rows})"
    """Compares a key with those that a sub-select finds, which is read first."""
    fence: ClassVar[str] = ""
    """What ends a sub-select that is joined as it is written; empty where no planner minds."""
    reads_snapshots: ClassVar[bool] = False
    """Does a plain SELECT show the past, so that what decides a write is read with a lock?"""
    writes_in_with: ClassVar[bool] = False
    """May parts of a WITH write, and name what they did? All see what was there before."""
    recursion_prefix: ClassVar[str] = ""
    """What stands before a statement WITH RECURSIVE, so that it ends where its rows do."""
    out_of_time: ClassVar[frozenset[str]] = frozenset()
    """The codes of a query that took longer than its limit allows."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.collation = exact_collation(connection)

    @classmethod
    def serves(cls, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether a connection is to a database of this vendor."""
        return connection.vendor == cls.backend

    # Texts and JSON

    def json_path(self, names: Sequence[str]) -> str:
        """Return a path as a quoted literal: ``'$."name"."familyName"'``."""
        return "'$" + "".join(f'."{name}"' for name in checked_names(names)) + "'"

    @abstractmethod
    def raw(self, document: str, names: Sequence[str]) -> str:
        """Return what stands at a path, NULL where nothing does."""

    @abstractmethod
    def number(self, text: str, beside: float = 0) -> str:
        """Return a value that ``text`` gave as a number; ``beside`` is what it is compared with."""

    @abstractmethod
    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Return a table of the elements of a list, called ``e``, for a FROM clause.

        It has no rows for NULL. ``subs`` are the sub-attributes that ``element_text`` is going to
        be asked for.
        """

    @abstractmethod
    def element_text(self, sub: str) -> str:
        """Return a sub-attribute of the element ``e``, NULL where it is unassigned."""

    @abstractmethod
    def part(self, text: str, op: str, value: str) -> SQL:
        """Return ``co``, ``sw`` or ``ew`` with a value that is not empty, without wildcards."""

    def part_of_column(self, text: str, op: str, value: str, *, is_exact: bool) -> SQL:
        """Return the same of a column; ``is_exact``: every character counts in its collation."""
        return self.part(text, op, value)

    def compare(self, text: str, op: str, value: str) -> SQL:
        """Return a comparison of two texts; it is NULL only where ``text`` is."""
        text = self.exact(text)
        if op in SQL_SIGNS:
            return f"{text} {SQL_SIGNS[op]} %s", [value]
        if not value:
            # Every text contains the empty one, as Python's evaluator of filters has it.
            return f"{text} IS NOT NULL", []
        return self.part(text, op, value)

    # Long texts, of which a page takes nothing but a mark (see ``large_pages``)

    def byte_length(self, text: str) -> str:
        """Return the length of a text in bytes: in memory that is what counts."""
        return f"octet_length({text})"

    def mark(self, text: str, key: str) -> str:
        """Return the length of a text and the key of its row, with a colon between them."""
        return f"{self.byte_length(text)} || ':' || {key}"

    # Counters of the rows that each connection has in a table, which a migration makes

    kept_count: ClassVar[str] = ""
    """Reads one; its parameters are the connection and the table. Empty where there are none."""

    def microseconds(self, column: str) -> str | None:
        """Return a column as microseconds since 1970; None: the driver reads moments as well."""
        return None

    def keeps_count(self, table: str) -> SQL:
        """Return what asks whether there is one for a table, and at work."""
        return "SELECT 1 = 0", []

    # Rows of another table, told by a query together with each row of its own

    def rows_as_json(self, rows: JSONRows) -> str | None:
        """Return a scalar sub-select, which is NULL where there are no rows.

        It is ``'1'`` where they are too many. None where the vendor has no such sub-select.
        """
        return None

    # Statements

    def keeping_cursor(
        self, connection: BaseDatabaseWrapper, wanted: bool | None, statement: str
    ) -> Any:
        """Return a cursor for a statement of the app that is run again and again.

        The database may keep it parsed and planned, and the driver what it knows of it. ``wanted``
        is what the project says of that; None where it leaves that to what is found.
        """
        return connection.cursor()

    def keeps_no_more(self, connection: BaseDatabaseWrapper, error: BaseException) -> bool:
        """Tell whether a statement failed since what was kept of it does not serve any more.

        Of further statements of the connection nothing is kept then, so that it can be run again.
        """
        return False

    @abstractmethod
    def insert_or_ignore(self, rows: str) -> str:
        """Return an INSERT that leaves out what a unique constraint refuses.

        ``rows`` is what follows the word INSERT: ``INTO ... VALUES ...``.
        """

    def key_list(self, keys: Sequence[Any]) -> SQL | None:
        """Return what stands in the brackets of ``IN ()`` for many keys of UUID, as one parameter.

        None where a parameter for each serves best. The keys are as the driver takes them.
        """
        return None

    def text_list(self, texts: Sequence[str]) -> SQL | None:
        """Return the same for many texts, such as SCIM ids."""
        return None

    def read_current(self, select: str) -> str:
        """Return a SELECT inside another such that it shows the present (``reads_snapshots``)."""
        return select

    def insert_columns(
        self, into: str, types: Sequence[str], columns: Sequence[Sequence[Any]]
    ) -> SQL | None:
        """Return an INSERT of any number of rows, whose text is one: a parameter is a column.

        ``into`` is what follows the word INSERT, to the names of the columns; ``columns`` are the
        values of each, as the driver takes them. None where each value is a parameter.
        """
        return None

    # Locks

    def row_marks(self, shared: str, *others: str) -> str | None:
        """Return what ends a SELECT that locks rows of several tables, in that order.

        ``shared`` is the alias of the table whose rows others may lock as well. Nothing where who
        writes holds the only write lock anyway; None where no join locks in a certain order, or
        each table in its own way.
        """
        return None

    def holds_write_lock(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether each transaction holds the only write lock from its beginning.

        It is asked of databases without row locks alone.
        """
        return False

    def turn_sql(self, table: str) -> str | None:
        """Return what waits for a transaction's turn to be the only writer.

        One that was ``overtaken`` begins with it. ``table`` is one that each write locks first.
        None where ``overtaken`` is empty.
        """
        return None

    def not_waiting(self, connection: BaseDatabaseWrapper) -> AbstractContextManager[None]:
        """Return a block in which writes do not wait where anybody at all writes."""
        return nullcontext()

    # Time limits

    def time_limited(
        self, connection: BaseDatabaseWrapper, seconds: float, savepoint: Savepoint
    ) -> AbstractContextManager[None]:
        """Return a block whose queries end after so many seconds, or a shorter limit's.

        Nothing of it stays in the session, which behind a pooler is somebody else's next. What ends
        is an error with a code in ``out_of_time``. Here there is no limit.
        """
        return nullcontext()

    # Indexes on tables of the project. Names are quoted but where it says otherwise

    builds_concurrently: ClassVar[bool] = False
    """Does an index that is made in the usual way keep writers waiting, and is there another?"""

    @abstractmethod
    def any_case_index(self, column: str, *, is_short: bool) -> WantedIndex:
        """Return what serves Django's ``iexact`` on a column of texts.

        Only a short text can stand in an index as a whole on every vendor.
        """

    def flag_indexes(self, key: str, flags: Sequence[str]) -> list[WantedIndex]:
        """Return what serves a search for rows of which any of the booleans is true."""
        condition = " OR ".join(flags)
        return [WantedIndex(Shape(plain(key), plain(condition)), key, condition)]

    @abstractmethod
    def indexes_of(self, connection: BaseDatabaseWrapper, table: str) -> list[IndexInPlace] | None:
        """Return the indexes of a table, without quotes; None where it is no ordinary table."""

    def create_index(self, name: str, table: str, wanted: WantedIndex, *, concurrent: bool) -> str:
        """Return the statement; ``concurrent`` where ``builds_concurrently``."""
        return f"CREATE INDEX {name} ON {table} ({wanted.key}){wanted.where}"

    def drop_index(self, name: str, table: str, *, concurrent: bool) -> str:
        """Return the statement."""
        return f"DROP INDEX {name}"

    def refresh_statistics(self, table: str) -> str | None:
        """Return what lets the planner know of new indexes; None where it needs no telling."""
        return None

    # Errors

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        """Return the server's code of one exception; None for one of somebody else's."""
        return None

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Return what one exception means; None for one of somebody else's."""
        return None

    @classmethod
    def missing_value_of(cls, error: BaseException) -> str | None:
        """Return the column that one exception says needs a value; None for any other."""
        return None
