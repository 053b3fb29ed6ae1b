"""How the app's own SQL is run: what is written by hand, and what the ORM compiled once.

Rows come as the driver gives them. The wrappers and the log of Django's connection see each
statement, as they see those of the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from django.db import DatabaseError, connections
from django.db.models import CharField, Field, TextField

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.sql.vendors import vendor_of

AnyField: TypeAlias = "Field[Any, Any]"
Row = tuple[Any, ...]
Result = TypeVar("Result")


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
        vendor, wanted = vendor_of(connection), get_settings().PREPARED_STATEMENTS
        try:
            with vendor.keeping_cursor(connection, wanted, sql) as cursor:
                cursor.execute(sql, parameters)
                return result_of(cursor)
        except DatabaseError as error:
            # A transaction is over by such an error; whoever began it runs all of it again. Asked
            # last: of a connection that is lost, it would make another one.
            if not vendor.keeps_no_more(connection, error) or connection.in_atomic_block:
                raise
            if not connection.get_autocommit():
                raise
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return result_of(cursor)


def adapted(fields: Sequence[AnyField], values: Sequence[Any], database: Any) -> list[Any]:
    """Return values in the form that the driver takes of a database: a connection, or its alias."""
    # Found once something asks for it: to look up a connection takes longer than all the rest.
    found, connection = list(values), None if isinstance(database, str) else database
    for place, (attribute, value) in enumerate(zip(fields, values, strict=True)):
        is_plain = type(value) is str or value is None
        if is_plain and keeps_texts(type(attribute)):  # type: ignore[arg-type]  # a class has a hash
            continue
        connection = connection or connections[database]
        found[place] = attribute.get_db_prep_save(value, connection)
    return found


@lru_cache(maxsize=64)
def keeps_texts(kind: type[AnyField]) -> bool:
    """Tell whether a class of fields gives texts and NULL to the driver as they are.

    Django goes through five calls to find that out, for each value.
    """
    return (
        kind.get_db_prep_save is Field.get_db_prep_save
        and kind.get_db_prep_value is Field.get_db_prep_value
        and kind.get_prep_value in (CharField.get_prep_value, TextField.get_prep_value)
    )
