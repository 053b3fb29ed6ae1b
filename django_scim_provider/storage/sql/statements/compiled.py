"""Querysets compiled once: the hot paths run their SQL without building it again.

The ORM takes longer to build such a query than the database to answer it. So it builds it once for
each database, with stand-ins for the arguments, whose places among the parameters are remembered;
from then on the SQL runs by ``running``. Rows come as the driver gives them, so a statement selects
texts, numbers and flags only.

Only shapes of the app's own models are compiled so. What the project answers (which users are
members, rows of its own models and managers) is asked and compiled again for each run: a statement
leaves an open place for such a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.core.exceptions import EmptyResultSet, FullResultSet, ImproperlyConfigured
from django.db import connections
from django.db.models import Lookup, Model, Q, QuerySet, Value
from django.db.models.sql import Query

from django_scim_provider.storage.sql.running import AnyField, DriverValues, Row, adapted, fetch_all
from django_scim_provider.storage.sql.statements.compiled_writes import column_of
from django_scim_provider.storage.sql.statements.connections_rows import by_key

Condition: TypeAlias = tuple[str, Sequence[Any]]
"""A condition in brackets, and its parameters."""
_OPEN = "(1 = 1)"
"""What an open place compiles to: it holds for every row, and Django itself never writes it."""
LIMIT = 2_000_000_011
"""Stands for the argument that ends a slice, which Django writes into the SQL.

It fits into 32 bits, as any number does that a page could ask for."""
OFFSET = 2_000_000_033
"""Stands for the argument that begins a slice."""


class OpenPlace(Lookup):
    """Where in its WHERE a statement takes a condition that each run brings along.

    A look-up, as Django lets those alone stand by themselves on MySQL and MariaDB: of another
    condition it asks whether it equals 1, and what is in such an equation no index serves.
    """

    def __init__(self) -> None:
        super().__init__(Value(1), 1)

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Return what holds for every row."""
        return _OPEN, []


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    """Pairs of a place among the parameters and the argument that goes there."""
    model: type[Model]

    def filled(self, arguments: Sequence[Any]) -> list[Any]:
        """Return the parameters with the arguments in their places."""
        parameters = list(self.parameters)
        for place, number in self.places:
            parameters[place] = arguments[number]
        return parameters


@dataclass(slots=True, eq=False)
class Select:
    """A SELECT with open places."""

    build: Callable[..., QuerySet[Any, Any]]
    """Called with the alias of the database and one stand-in for each argument."""
    fields: Sequence[AnyField]
    """What adapts each argument to the database."""
    stand_ins: Sequence[Any]
    """A value for each argument, which occurs nowhere else in the query.

    ``LIMIT`` for the end of a slice, ``OFFSET`` for its beginning."""
    _compiled: dict[str, _Compiled] = field(default_factory=dict)
    _columns: DriverValues = field(init=False)

    def __post_init__(self) -> None:
        """Keep what adapts the arguments."""
        self._columns = DriverValues(self.fields)

    def rows(
        self, using: str, *arguments: Any, only: Q | None = None, where: Condition | None = None
    ) -> list[Row]:
        """Run with these arguments and return all rows, or only those with conditions.

        ``only`` may hold what the project says, since it is compiled for this run alone; ``where``
        is compiled already. Their columns are those of the statement's model. The statement has an
        ``OpenPlace`` for them.
        """
        compiled = self._compiled.get(using)
        if compiled is None:
            compiled = self._compiled[using] = self._compile(using)
        sql, parameters = compiled.sql, compiled.filled(self._columns.adapted(arguments, using))
        if only is None and where is None:
            return fetch_all(using, sql, parameters)
        condition = joined(compiled.model, using, only, where)
        if condition is None:
            return []
        head, place, tail = sql.partition(_OPEN)
        if not place:
            raise ImproperlyConfigured("The statement has no place for a condition.")
        # Parameters go by position: those of the condition stand between the others.
        at = head.count("%s")
        parameters[at:at] = condition[1]
        return fetch_all(using, f"{head}{condition[0]}{tail}", parameters, varies=True)

    def _compile(self, using: str) -> _Compiled:
        rows = self.build(using, *self.stand_ins)
        sql, given = rows.query.get_compiler(using).as_sql()
        parameters, stand_ins = list(given), self._columns.adapted(self.stand_ins, using)
        for number, stand_in in enumerate(self.stand_ins):
            if stand_in in (LIMIT, OFFSET):
                # As a number in the text, each page that a client asks for would be another
                # statement.
                head, _, tail = sql.partition(str(stand_in))
                sql = f"{head}%s{tail}"
                parameters.insert(head.count("%s"), stand_ins[number])
        places = [
            (place, number)
            for place, parameter in enumerate(parameters)
            for number, stand_in in enumerate(stand_ins)
            # By type as well: True equals 1, and a constant of Django's may be either.
            if type(parameter) is type(stand_in) and parameter == stand_in
        ]
        # Django drops what it knows to hold; the statement would then answer for any argument.
        if {number for _, number in places} != set(range(len(stand_ins))):
            raise ImproperlyConfigured("An argument of the statement has no place in its SQL.")
        return _Compiled(sql, tuple(parameters), tuple(places), rows.model)


def condition_sql(model: type[Model], using: str, only: Q) -> Condition | None:
    """Return a condition on the rows of a model as SQL; None where it is known to find nothing.

    Raises:
        FieldError: it would join other tables.
    """
    # A query of its own calls its table by the name that it has in the statement. ``build_where``
    # refuses joins, which a WHERE alone could not have.
    query = Query(model)
    try:
        sql, parameters = query.get_compiler(using).compile(query.build_where(only))
    except EmptyResultSet:
        return None
    except FullResultSet:
        return _OPEN, ()
    return f"({sql})", parameters


def joined(
    model: type[Model], using: str, only: Q | None, where: Condition | None
) -> Condition | None:
    """Return two conditions on the rows of a model as one; None where nothing can satisfy them."""
    if only is None:
        return where
    condition = condition_sql(model, using, only)
    if condition is None or where is None:
        return condition
    return f"{condition[0]} AND {where[0]}", [*condition[1], *where[1]]


def count_where(
    model: type[Model],
    using: str,
    name: str,
    value: Any,
    where: Condition | None = None,
    *,
    led: bool = False,
) -> int:
    """Return how many rows have that value in one column, and satisfy a condition.

    ``led``: the condition finds the keys of the rows; see ``connections_rows``.
    """
    meta, quote = model._meta, connections[using].ops.quote_name
    attribute = column_of(meta.get_field(name))
    table, column = quote(meta.db_table), quote(str(attribute.column))
    own = by_key(f"{column} = %s", using) if led else f"{column} = %s"
    sql = f"SELECT COUNT(*) FROM {table} WHERE {own}"  # noqa: S608 - names of the model
    parameters = adapted([attribute], [value], using)
    if where is not None:
        sql, parameters = f"{sql} AND {where[0]}", [*parameters, *where[1]]
    ((count,),) = fetch_all(using, sql, parameters, varies=where is not None)
    return int(count)
