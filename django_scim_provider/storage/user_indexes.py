"""Indexes of the project's user table for what every new user asks of it.

Whether somebody goes by a name or address in any case, and who is staff, is asked with each new
name. Django's own indexes serve neither; the table is the project's, so a command makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.utils import names_digest

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.indexes import IndexInPlace, WantedIndex
from django_scim_provider.user_model import flags_asked
from django_scim_provider.user_model.known_by import columns_asked

PREFIX = "scim_index_users_"
"""What the names of our indexes begin with; no other index is ever dropped."""
_NO_WORD = re.compile(r"[^a-z_]", re.ASCII)
SHORT = 600
"""Characters that fit into an entry of an index on every vendor, at four bytes each."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What is asked of a table, and what serves it."""

    table: str
    columns: tuple[str, ...]
    indexes: tuple[WantedIndex, ...]

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)})"


class UserIndexes:
    """The indexes of one database; an index of the project's own that serves is as good."""

    def __init__(self, using: str) -> None:
        """Find the vendor, which has SQL of the app's."""
        self._connection: Any = connections[using]
        self._vendor = vendor_of(using)
        self._quote = self._connection.ops.quote_name
        self._concurrent = self._vendor.builds_concurrently and not self._connection.in_atomic_block
        """Not inside a transaction, such as that of a migration, which then keeps writers out."""

    def missing(self) -> list[LookUp]:
        """Return the look-ups that read the whole table; by one statement or two a table."""
        found = []
        for table, look_ups in self._by_table():
            indexes = self._indexes_of(table)
            if indexes is not None:
                found += [each for each in look_ups if any(self._lacking(each, indexes))]
        return found

    def absent_tables(self) -> list[str]:
        """Return the tables of users that the database does not have."""
        return [table for table, _ in self._by_table() if self._indexes_of(table) is None]

    def being_made(self) -> list[str]:
        """Return the names of those that somebody makes at this moment."""
        return [
            index.name
            for table, _ in self._by_table()
            for index in self._indexes_of(table) or ()
            if index.is_being_made and index.name.startswith(PREFIX)
        ]

    def statements(self) -> list[str]:
        """Return what makes those that are missing, and drops what is left of others."""
        made: list[str] = []
        for table, look_ups in self._by_table():
            indexes = self._indexes_of(table)
            if indexes is None:
                continue
            wanted = [index for each in look_ups for index in each.indexes]
            left = [each for each in indexes if not _is_of_use(each, wanted)]
            dropped = [self._drop(index, table) for index in left]
            lacking = [each for look_up in look_ups for each in self._lacking(look_up, indexes)]
            new = [self._create(each, table) for each in lacking]
            made += dropped + new
            refreshed = self._vendor.refresh_statistics(self._quote(table)) if new else None
            made += [refreshed] if refreshed is not None else []
        return made

    def undo_statements(self) -> list[str]:
        """Return what drops all of ours."""
        return [
            self._drop(index, table)
            for table, _ in self._by_table()
            for index in self._indexes_of(table) or ()
            if index.name.startswith(PREFIX)
        ]

    def run(self, statement: str) -> None:
        """Run one of the statements."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _by_table(self) -> list[tuple[str, list[LookUp]]]:
        found: dict[str, list[LookUp]] = {}
        for look_up in (*self._of_names(), *self._of_flags()):
            found.setdefault(look_up.table, []).append(look_up)
        return list(found.items())

    def _of_names(self) -> Iterator[LookUp]:
        for field in _texts_asked():
            is_short = field.max_length is not None and field.max_length <= SHORT
            index = self._vendor.any_case_index(self._quote(field.column), is_short=is_short)
            yield LookUp(field.model._meta.db_table, (field.column,), (index,))

    def _of_flags(self) -> Iterator[LookUp]:
        fields: list[Any] = [] if get_settings().ALLOW_PRIVILEGED_USERS else flags_asked()
        # Where a child of multi-table inheritance has one of them, no index serves both.
        if not fields or len({field.model for field in fields}) > 1:
            return
        meta = fields[0].model._meta
        flags = [self._quote(field.column) for field in fields]
        indexes = self._vendor.flag_indexes(self._quote(meta.pk.column), flags)
        yield LookUp(meta.db_table, tuple(field.column for field in fields), tuple(indexes))

    def _indexes_of(self, table: str) -> list[IndexInPlace] | None:
        return self._vendor.indexes_of(self._connection, table)

    def _lacking(self, look_up: LookUp, indexes: Iterable[IndexInPlace]) -> Iterator[WantedIndex]:
        for wanted in look_up.indexes:
            if not any(each.is_valid and each.shape.serves(wanted.shape) for each in indexes):
                yield wanted

    def _create(self, wanted: WantedIndex, table: str) -> str:
        shape = wanted.shape
        digest = names_digest(table, shape.key, shape.condition, length=8)
        words = _NO_WORD.sub("", shape.condition or shape.key)[:20]
        quoted = self._quote(f"{PREFIX}{words}_{digest}"), self._quote(table)
        return self._vendor.create_index(*quoted, wanted, concurrent=self._concurrent)

    def _drop(self, index: IndexInPlace, table: str) -> str:
        name = self._quote(index.name)
        if index.schema:
            name = f"{self._quote(index.schema)}.{name}"
        return self._vendor.drop_index(name, self._quote(table), concurrent=self._concurrent)


def unserved_look_ups(using: str) -> list[str]:
    """Return what is asked with each new user and read from the whole table: table and columns.

    Nothing on databases where only migrations make indexes.
    """
    if vendor_of(using).orm_only:
        return []
    return [str(look_up) for look_up in UserIndexes(using).missing()]


def _texts_asked() -> list[Any]:
    """Return the columns of users, and allauth's of addresses where a policy asks for those."""
    fields: list[Any] = list(columns_asked())
    if get_settings().LINK_EXISTING_USERS and apps.is_installed("allauth.account"):
        fields.append(apps.get_model("account.EmailAddress")._meta.get_field("email"))
    return fields


def _is_of_use(index: IndexInPlace, wanted: Iterable[WantedIndex]) -> bool:
    """Tell whether an index stays; one that somebody makes at this moment does."""
    if index.is_being_made or not index.name.startswith(PREFIX):
        return True
    return index.is_valid and any(index.shape.serves(each.shape) for each in wanted)
