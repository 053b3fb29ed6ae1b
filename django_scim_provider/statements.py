"""Querysets compiled once: the hot look-ups run their SQL without building it again.

A statement is declared as a function that makes the queryset from its arguments. It is called once for
each database with stand-ins, whose places in the parameters are remembered; from then on the SQL runs
by cursor. Rows come as the driver gives them, so a statement selects texts, numbers and flags only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.models import Field, QuerySet

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    """Pairs of a place in the parameters and the argument that goes there."""


@dataclass(slots=True)
class Statement:
    """One queryset as SQL with open places."""

    build: Callable[..., QuerySet[Any, Any]]
    """Called with ``using`` and one stand-in for each argument."""
    fields: Sequence[Field[Any, Any]]
    """What adapts each argument to the database."""
    stand_ins: Sequence[Any]
    """A value for each argument that occurs nowhere else in the query."""
    _compiled: dict[str, _Compiled] = field(default_factory=dict)

    def rows(self, using: str, *arguments: Any) -> list[Row]:
        """Run with these arguments and return all rows."""
        connection = connections[using]
        compiled = self._compiled.get(using)
        if compiled is None:
            compiled = self._compiled[using] = self._compile(using)
        parameters = list(compiled.parameters)
        for place, number in compiled.places:
            adapted = self.fields[number].get_db_prep_value(arguments[number], connection)
            parameters[place] = adapted
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, parameters)
            found: list[Row] = cursor.fetchall()
        return found

    def _compile(self, using: str) -> _Compiled:
        connection = connections[using]
        queryset = self.build(using, *self.stand_ins)
        sql, parameters = queryset.query.get_compiler(using).as_sql()
        adapted = [
            attribute.get_db_prep_value(stand_in, connection)
            for attribute, stand_in in zip(self.fields, self.stand_ins, strict=True)
        ]
        places = [
            (place, number)
            for place, parameter in enumerate(parameters)
            for number, stand_in in enumerate(adapted)
            if type(parameter) is type(stand_in) and parameter == stand_in
        ]
        if {number for _, number in places} != set(range(len(adapted))):
            raise ImproperlyConfigured("An argument of the statement has no place in its SQL.")
        return _Compiled(sql, tuple(parameters), tuple(places))
