"""How far a query has to look for what it finds; a far one runs under a time limit.

An index of the model decides, as its ``Meta`` declares it: an index that a project adds to a model
of its own counts at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache
from typing import Any

from django.db import models


class Reach(IntEnum):
    """What the database looks at for a condition, among the rows of one connection."""

    ROW = 0
    """One row at most, by a unique key."""
    MATCHES = 1
    """The rows that match, by an index."""
    ROWS = 2
    """A column of each row."""
    DOCUMENTS = 3
    """The document of each row, or what other tables hold for it."""

    @property
    def is_bounded(self) -> bool:
        """Tell whether an index serves: work grows with what is found, not with what is there."""
        return self <= Reach.MATCHES


def all_of(reaches: Iterable[Reach]) -> Reach:
    """Return the reach of conditions that hold together.

    One row bounds the others, whatever they are. Matches bound what compares columns; beside a
    condition on documents they do not: an index finds ``sw "a"`` in no time, and everybody.
    """
    found = list(reaches)
    if Reach.ROW in found:
        return Reach.ROW
    if Reach.MATCHES in found and Reach.DOCUMENTS not in found:
        return Reach.MATCHES
    return max(found)


def one_of(reaches: Iterable[Reach]) -> Reach:
    """Return the reach of conditions of which one holds."""
    return max(Reach.MATCHES, *reaches)


def field_at(model: type[models.Model], path: str) -> tuple[type[models.Model], str]:
    """Return the model that has the field at the end of a path, and the name of the field there."""
    *relations, name = path.split("__")
    for relation in relations:
        related: Any = model._meta.get_field(relation)
        model = related.related_model
    return model, name


@cache
def by_index(model: type[models.Model], name: str) -> Reach:
    """Return the reach of an equality on a column, among the rows of one connection.

    The rows are those of one ``provider``, where the model has one: an index may begin with it.
    """
    model, name = field_at(model, name)
    if any({*fields} - {"provider"} == {name} for fields in _unique(model)):
        return Reach.ROW
    # An index serves an equality on its first columns, and that on the connection is always there.
    beginnings = ((name,), ("provider", name))
    indexed = any(
        tuple(fields[: len(each)]) == each for fields in _indexes(model) for each in beginnings
    )
    return Reach.MATCHES if indexed else Reach.ROWS


def in_order(model: type[models.Model], name: str, op: str) -> Reach:
    """Return the reach of an equality or a range on a column."""
    if op not in {"eq", "gt", "ge", "lt", "le"}:
        return Reach.ROWS
    found = by_index(model, name)
    return found if op == "eq" else max(found, Reach.MATCHES)


def _unique(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    meta = model._meta
    yield from ((each.name,) for each in meta.concrete_fields if each.unique)
    yield from map(tuple, meta.unique_together)
    # Total ones: a constraint with a condition says nothing of the rows outside it.
    yield from (tuple(each.fields) for each in meta.total_unique_constraints)


def _indexes(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    meta = model._meta
    yield from _unique(model)
    yield from ((each.name,) for each in meta.concrete_fields if getattr(each, "db_index", False))
    for index in meta.indexes:
        if index.condition is None:
            yield tuple(name for name, _ in index.fields_orders)
