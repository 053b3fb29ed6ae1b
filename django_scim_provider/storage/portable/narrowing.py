"""Among which rows the matches of a filter are: by own columns, and by keys that others hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from django_scim_provider.core.filters.expressions import BoundAnd, BoundFilter, BoundNot, BoundOr
from django_scim_provider.storage.portable.own_conditions import (
    OwnColumns,
    Told,
    all_told,
    any_told,
)
from django_scim_provider.storage.sql.searching.lookups import as_term
from django_scim_provider.storage.sql.statements.by_orm import BATCH

MOST_KEYS = 10_000
"""Keys that are held at once; whoever finds more is not asked first."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Rows among which all matches are."""

    condition: Q = Q()  # noqa: RUF009 - an expression is never changed
    keys: frozenset[UUID] | None = None
    """None: any."""
    exact: bool = False
    few: bool = False
    """Are they found without a look at all others?"""


Keys = tuple[frozenset[UUID], bool]
"""Keys of rows, and whether each of these is a match."""


class RelationAsked(Protocol):
    """A condition on a multi-valued attribute that other tables hold."""

    def keys(self) -> Keys | None:
        """Return the rows among which all matches are; None where there are too many to be held."""

    def among(self, keys: Iterable[UUID]) -> set[UUID]:
        """Return which of these rows match."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A table whose rows have the keys of others, and columns that filters ask."""

    rows: QuerySet[Any, Any]
    columns: OwnColumns

    def keys(self, bound: BoundFilter) -> Keys | None:
        """Return the keys of the rows that its columns lead to; None where these tell nothing."""
        told = self.columns.told(bound)
        return None if told is None else held(self.rows.filter(told.condition), "pk", told.exact)


def held(rows: QuerySet[Any, Any], column: str, exact: bool) -> Keys | None:
    """Return the keys that a column of rows holds; None where they are too many."""
    found = list(rows.order_by().values_list(column, flat=True)[: MOST_KEYS + 1])
    return None if len(found) > MOST_KEYS else (frozenset(found), exact)


@dataclass(frozen=True, slots=True)
class FilterNarrowing:
    """What can be asked before the documents of rows are read."""

    own: OwnColumns
    spare: OwnColumns | None = None
    """More columns of the rows, that no index serves: asked where those beside them find too many.
    """
    beside: Beside | None = None
    emails: Callable[[BoundFilter], Keys | None] | None = None
    computed: Mapping[str, Callable[[BoundFilter | None], RelationAsked]] | None = None

    def of(self, bound: BoundFilter) -> Narrowed:
        """Return where to look for the matches of a filter."""
        return self._of(bound) or Narrowed()

    def _of(self, bound: BoundFilter) -> Narrowed | None:
        told = self.own.told(bound)
        if told is not None and (told.exact or told.few):
            return _by_columns(told)
        match bound:
            case BoundAnd(terms):
                return _all([self._of(term) for term in terms])
            case BoundOr(terms):
                return _any([self._of(term) for term in terms])
            case BoundNot():
                return None
        found = self._keys(bound)
        if found is not None:
            keys, exact = found
            return Narrowed(keys=keys, exact=exact, few=len(keys) <= BATCH)
        if told is None and self.spare is not None:
            told = self.spare.told(bound)
        return None if told is None else _by_columns(told)

    def sort_column(self, path: str) -> str | None:
        """Return the column that orders by an attribute."""
        column = self.own.columns.get(path)
        if column is None and self.spare is not None:
            column = self.spare.columns.get(path)
        return None if column is None else column.sort

    def _keys(self, bound: Any) -> Keys | None:
        name, term = bound.target.attribute.name, as_term(bound)
        if bound.target.extension is None and self.computed and name in self.computed:
            return self.computed[name](term).keys()
        if bound.target.extension is None and self.emails is not None and name == "emails":
            return None if term is None else self.emails(term)
        return None if self.beside is None else self.beside.keys(bound)


def _by_columns(told: Told) -> Narrowed:
    return Narrowed(told.condition, exact=told.exact, few=told.few)


def _all(terms: list[Narrowed | None]) -> Narrowed | None:
    known = [term for term in terms if term is not None]
    if not known:
        return None
    told = all_told([Told(term.condition, term.exact, few=term.few) for term in known])
    keys = None
    for term in known:
        if term.keys is not None:
            keys = term.keys if keys is None else keys & term.keys
    exact = len(known) == len(terms) and all(term.exact for term in known)
    condition = Q() if told is None else told.condition
    return Narrowed(condition, keys, exact, few=any(term.few for term in known))


def _any(terms: list[Narrowed | None]) -> Narrowed | None:
    known = [term for term in terms if term is not None]
    if len(known) < len(terms):
        return None
    exact, few = all(term.exact for term in known), all(term.few for term in known)
    if all(term.keys is not None and not term.condition for term in known):
        keys = frozenset[UUID]().union(*(term.keys or () for term in known))
        return Narrowed(keys=keys, exact=exact, few=few)
    if any(len(term.keys or ()) > BATCH for term in known):
        return None
    told = any_told([Told(_with_keys(term)) for term in known])
    return None if told is None else Narrowed(told.condition, exact=exact, few=few)


def _with_keys(term: Narrowed) -> Q:
    return term.condition if term.keys is None else term.condition & Q(pk__in=term.keys)
