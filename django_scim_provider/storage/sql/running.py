"""How the app's own SQL is run: what is written by hand, and what the ORM compiled once.

Rows come as the driver gives them. The wrappers and the log of Django's connection see each
statement, as they see those of the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from django.db import DatabaseError, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.db.models import (
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    OneToOneField,
    TextField,
    UUIDField,
)

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.sql.vendors import vendor_of

AnyField: TypeAlias = "Field[Any, Any]"
Row = tuple[Any, ...]
Result = TypeVar("Result")
_WRAPPERS = frozenset({CursorWrapper, CursorDebugWrapper})
"""What Django puts around the driver's cursors."""


def fetch_all(
    using: str, sql: str, parameters: Sequence[Any] = (), *, varies: bool = False
) -> list[Row]:
    """Run a statement and return its rows.

    ``varies`` is for a text that is another one for each number of rows or each condition: the
    database keeps nothing of it. Otherwise the same text comes again and again, and the server
    binds its parameters, each of which has to have a type there: ``%s::text`` where nothing beside
    it tells.
    """
    return _run(using, sql, parameters, varies, _all_of)


def fetch_one(
    using: str, sql: str, parameters: Sequence[Any] = (), *, varies: bool = False
) -> Row | None:
    """Run a statement that has one row at most, and return it; None where it has none."""
    found = fetch_all(using, sql, parameters, varies=varies)
    return found[0] if found else None


def execute(using: str, sql: str, parameters: Sequence[Any] = (), *, varies: bool = False) -> int:
    """Run a statement without a result and return how many rows it wrote."""
    return _run(using, sql, parameters, varies, _count_of)


def _all_of(cursor: Any) -> list[Row]:
    found: list[Row] = cursor.fetchall()
    return found


def _count_of(cursor: Any) -> int:
    # Drivers say -1 where they do not know (PEP 249).
    return int(max(cursor.rowcount, 0))


def _run(
    using: str,
    sql: str,
    parameters: Sequence[Any],
    varies: bool,
    result_of: Callable[[Any], Result],
) -> Result:
    connection = connections[using]
    if not varies:
        vendor, wanted = vendor_of(using), get_settings().PREPARED_STATEMENTS
        try:
            cursor = vendor.keeping_cursor(connection, wanted, sql)
            return _sent(connection, cursor, sql, parameters, result_of)
        except DatabaseError as error:
            # A transaction is over by such an error; whoever began it runs all of it again. Asked
            # last: of a connection that is lost, it would make another one.
            if not vendor.keeps_no_more(connection, error) or connection.in_atomic_block:
                raise
            if not connection.get_autocommit():
                raise
    return _sent(connection, connection.cursor(), sql, parameters, result_of)


def _sent(
    connection: Any,
    cursor: Any,
    sql: str,
    parameters: Sequence[Any],
    result_of: Callable[[Any], Result],
) -> Result:
    """Execute, return the result, and close the cursor.

    Django's wrapper makes a function of ``fetchall`` each time that it is asked for it, and looks
    for ``close`` by failing to. It logs neither, so the driver's cursor is asked. Whoever has a
    wrapper of their own sees all three.
    """
    if type(cursor) not in _WRAPPERS:
        with cursor:
            cursor.execute(sql, parameters)
            return result_of(cursor)
    inner = cursor.cursor
    try:
        cursor.execute(sql, parameters)
        with connection.wrap_database_errors:
            return result_of(inner)
    finally:
        # As ``CursorWrapper.__exit__``.
        try:  # noqa: SIM105 - each statement goes through here
            inner.close()
        except connection.Database.Error:
            pass


def adapted(fields: Sequence[AnyField], values: Sequence[Any], database: Any) -> list[Any]:
    """Return values in the form that the driver takes of a database: a connection, or its alias."""
    connection = connections[database] if isinstance(database, str) else database
    return DriverValues(fields).adapted(values, connection.alias, connection)


@dataclass(slots=True, eq=False)
class DriverValues:
    """Fields whose values are given to the driver again and again, by the same statement."""

    fields: Sequence[AnyField]
    _kept: dict[str, list[frozenset[type]]] = field(default_factory=dict)

    @classmethod
    def of(cls, attributes: Iterable[AnyField]) -> DriverValues:
        """Return those of a model's fields; a relation takes the key of what it refers to."""
        return cls([valued(attribute) for attribute in attributes])

    def adapted(self, values: Iterable[Any], using: str, connection: Any = None) -> list[Any]:
        """Return what ``adapted`` does; whoever has the ``connection`` saves a look-up."""
        kept = self._kept.get(using) or self._find(using)
        return [
            value
            if type(value) in types
            else attribute.get_db_prep_save(value, connection or connections[using])
            for value, types, attribute in zip(values, kept, self.fields, strict=True)
        ]

    def _find(self, using: str) -> list[frozenset[type]]:
        has_keys = connections[using].features.has_native_uuid_field
        left_out = frozenset() if has_keys else {UUID}
        kinds: list[Any] = [type(attribute) for attribute in self.fields]
        self._kept[using] = [kept_by(kind) - left_out for kind in kinds]
        return self._kept[using]


@lru_cache(maxsize=64)
def kept_by(kind: type[AnyField]) -> frozenset[type]:
    """Return the types of values that a class of fields gives to the driver as they are.

    Django goes through five calls to find that out, for each value. Keys are only given so where
    the database has a type for them.
    """
    if kind.get_db_prep_save is not Field.get_db_prep_save:
        return frozenset()
    if kind.get_db_prep_value is UUIDField.get_db_prep_value:
        return frozenset({UUID, type(None)})
    if kind.get_db_prep_value is not Field.get_db_prep_value:
        return frozenset()
    if kind.get_prep_value in (CharField.get_prep_value, TextField.get_prep_value):
        return frozenset({str, type(None)})
    is_flag = kind.get_prep_value is BooleanField.get_prep_value
    if is_flag and kind.to_python is BooleanField.to_python:
        return frozenset({bool, type(None)})
    return frozenset()


def valued(attribute: AnyField) -> AnyField:
    """Return the field that adapts the values of another one: those of a key, what it refers to."""
    while type(attribute) in (ForeignKey, OneToOneField):
        attribute = attribute.target_field  # type: ignore[attr-defined]  # of foreign keys
    return attribute
