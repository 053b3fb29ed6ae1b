"""Instances of the project's models, from the columns of a statement that is the app's own.

So a statement that joins such a model in need not be the ORM's. It may stand for the project's
manager only where that does nothing of its own (``is_plain``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.models import DateTimeField, Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql import Query

from django_scim_provider.conf import until_settings_change
from django_scim_provider.models.moments import moment_of
from django_scim_provider.storage.sql.vendors import vendor_of

# What a queryset of the project's may do otherwise than Django's, of what reads and locks rows.
_METHODS = (
    "__iter__",
    "_chain",
    "_clone",
    "_fetch_all",
    "_filter_or_exclude",
    "annotate",
    "filter",
    "get",
    "iterator",
    "select_for_update",
)


def is_plain(rows: QuerySet[Model, Any]) -> bool:
    """Tell whether a queryset finds every row of its model with all columns and nothing else.

    It is what a manager of the project's returned, just now: one that hides rows, defers columns,
    joins others or makes instances in its own way is not plain.
    """
    return (
        rows._iterable_class is ModelIterable
        and not rows._prefetch_related_lookups  # type: ignore[attr-defined]  # missing in the stubs
        and _reads_as_django(type(rows))
        and vars(rows.query) == _plain_query(rows.model)
    )


@lru_cache(maxsize=16)
def _plain_query(model: type[Model]) -> dict[str, Any]:
    """Return what a query for all rows consists of, once a queryset was copied, as managers do."""
    return vars(QuerySet(model).all().query)


@lru_cache(maxsize=16)
def _reads_as_django(kind: type[QuerySet[Any, Any]]) -> bool:
    return all(getattr(kind, name) is getattr(QuerySet, name) for name in _METHODS)


@dataclass(frozen=True, slots=True)
class Instances:
    """How instances of a model are made of its columns."""

    model: type[Model]
    using: str
    columns: tuple[str, ...]
    """As SQL, in the order of the model's fields."""
    names: tuple[str, ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]
    """Places of values that the driver gives in another form than the field has them."""

    def made(self, values: Sequence[Any]) -> Any:
        """Return the instance of a row, given the values of its columns."""
        row, connection = list(values), connections[self.using]
        for place, converters, expression in self.converters:
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        return self.model.from_db(self.using, self.names, row)


@until_settings_change  # what the driver gives becomes what USE_TZ says
def instances_of(model: type[Model], using: str, alias: str) -> Instances | None:
    """Return how a model is read from the table of that alias; None where it has several tables."""
    fields = model._meta.concrete_fields
    own = model._meta.concrete_model
    if any(field.model._meta.concrete_model is not own for field in fields):
        return None
    compiler = Query(model).get_compiler(using)
    expressions: list[Any] = [field.get_col(alias) for field in fields]
    columns = []
    numbers: dict[int, Any] = {}
    for place, expression in enumerate(expressions):
        sql, parameters = expression.select_format(compiler, *compiler.compile(expression))
        if parameters:
            return None
        if type(expression.output_field) is DateTimeField:
            number = vendor_of(using).microseconds(sql)
            if number is not None:
                sql, numbers[place] = number, ([moment_of], expression)
        columns.append(sql)
    converters: Any = compiler.get_converters(expressions)
    for place, (first, expression) in numbers.items():
        converters[place] = [*first, *converters.get(place, ([],))[0]], expression
    return Instances(
        model,
        using,
        tuple(columns),
        tuple(field.attname for field in fields),
        tuple((place, tuple(each), what) for place, (each, what) in converters.items()),
    )
