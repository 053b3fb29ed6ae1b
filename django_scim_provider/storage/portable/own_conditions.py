"""What a table's own columns say of a filter: conditions that no match fails.

They compare upwards only: neither ``ne`` nor NOT is among them, which databases answer otherwise
where there is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Model, Q

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
)
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.models.moments import MomentField, as_held
from django_scim_provider.storage.sql.columns.declared import LOOKUPS, Column
from django_scim_provider.storage.sql.columns.text_columns import TextColumn, text_after
from django_scim_provider.storage.sql.columns.value_columns import (
    BooleanColumn,
    DateColumn,
    NumberColumn,
)
from django_scim_provider.storage.sql.indexed.cut_columns import CutColumn
from django_scim_provider.storage.sql.searching.lookups import full


@dataclass(frozen=True, slots=True)
class Told:
    """What columns tell of a filter."""

    condition: Q
    """Each match satisfies it."""
    exact: bool = True
    """Is whatever satisfies it a match?"""
    few: bool = False
    """Does an index lead to it, and it is one value?"""


@dataclass(frozen=True, slots=True)
class OwnColumns:
    """The columns of one table that filters can ask, by ``str(target)``."""

    model: type[Model]
    columns: Mapping[str, Column]
    pads: bool = False
    """Do blanks at the end of a text not count in comparisons?"""

    def told(self, bound: BoundFilter) -> Told | None:
        """Return what the columns tell; None where every row may match."""
        match bound:
            case BoundAnd(terms):
                return all_told([self.told(term) for term in terms])
            case BoundOr(terms):
                return any_told([self.told(term) for term in terms])
            case BoundNot(BoundPresent() as term):
                column = self.columns.get(str(term.target))
                return None if column is None else Told(self._missing(column))
            case BoundNot() | BoundValuePath():
                return None
        column = self.columns.get(str(bound.target))
        if column is None:
            return None
        if isinstance(bound, BoundPresent):
            return Told(full(column.present() or Q()))
        found = self._compared(column, bound)
        if found is not None and bound.op == "eq" and not found.few:
            few = column.reach("eq", bound.value, self.model).is_bounded
            found = replace(found, few=few)
        return found

    def _missing(self, column: Column) -> Q:
        if not column.present():
            return Q(pk__in=[])  # each row has a value
        name: Any = column
        return Q(**{f"{name.name}__isnull": True})

    def _compared(self, column: Column, bound: BoundComparison) -> Told | None:
        op, value = bound.op, bound.value
        if isinstance(column, BooleanColumn):
            return _boolean(column, op, str(value))
        if isinstance(column, DateColumn):
            return self._date(column, op, str(value))
        if isinstance(column, NumberColumn):
            number: Any = value
            found = column.compare(op, number) if op in LOOKUPS else None
            return None if found is None else Told(found)
        if isinstance(column, TextColumn):
            return self._text(column, op, str(value))
        return None

    def _text(self, column: TextColumn, op: str, value: str) -> Told | None:
        if op == "ne":
            return None
        if op not in LOOKUPS and not value:
            return Told(full(column.present()))
        name = column.name
        if isinstance(column, CutColumn) and len(value) >= MAX_BEGINNING:
            # Whatever is longer has the same beginning.
            return _exactly(name, value[:MAX_BEGINNING]) if op in ("eq", "sw") else None
        if op == "eq":
            return Told(Q(**{name: value}), exact=not self.pads)
        if op == "sw":
            return self._beginning(name, value)
        if op not in LOOKUPS or self.pads:
            return None
        return Told(Q(**{f"{name}__{LOOKUPS[op]}": value}))

    def _beginning(self, name: str, value: str) -> Told | None:
        after = text_after(value)
        if after is None:
            return None
        if not self.pads:
            return Told(Q(**{f"{name}__gte": value, f"{name}__lt": after}))
        # What goes on with a control character is less than its beginning and a blank.
        if value[-1] < "!":
            return None
        before = value[:-1] + chr(ord(value[-1]) - 1)
        return Told(Q(**{f"{name}__gte": before, f"{name}__lt": after}), exact=False)

    def _date(self, column: DateColumn, op: str, value: str) -> Told | None:
        if op not in LOOKUPS:
            return None
        try:
            moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            return None
        # Ours are whole milliseconds; others may have been cut to these when they were stored.
        own = isinstance(self.model._meta.get_field(column.name), MomentField)
        exact = own and moment.microsecond % 1000 == 0
        lookup = LOOKUPS[op] if exact else _WITH_EQUALS.get(op, LOOKUPS[op])
        moment = as_held(moment)
        return Told(Q(**{f"{column.name}__{lookup}": moment}), exact=exact)


_WITH_EQUALS = {"gt": "gte", "lt": "lte"}


def _exactly(name: str, value: str) -> Told:
    return Told(Q(**{name: value}), exact=False)


def _boolean(column: BooleanColumn, op: str, value: str) -> Told | None:
    if op == "eq":
        return Told(Q(**{column.name: value == "true"}))
    if op == "ne":
        return Told(Q(**{column.name: value != "true"}) | Q(**{f"{column.name}__isnull": True}))
    return None


def all_told(terms: Iterable[Told | None]) -> Told | None:
    """Return what holds where all of several terms do."""
    listed = list(terms)
    known = [term for term in listed if term is not None]
    if not known:
        return None
    exact = len(known) == len(listed) and all(term.exact for term in known)
    condition = reduce(and_, (term.condition for term in known))
    return Told(condition, exact, few=any(term.few for term in known))


def any_told(terms: Iterable[Told | None]) -> Told | None:
    """Return what holds where one of several terms does; None where one of them tells nothing."""
    known = []
    for term in terms:
        if term is None:
            return None
        known.append(term)
    condition = reduce(or_, (full(term.condition) for term in known))
    few = all(term.few for term in known)
    return Told(condition, all(term.exact for term in known), few=few)
