"""Which table leads to the rows that a filter finds, where the database is not left to choose.

A planner chooses by statistics, which know nothing of a connection that came after them: it then
takes every table for one with nothing of that connection, and reads all of it in one table for each
of its rows in another. And where it knows the connection, it may go through all rows there are in
the order of their keys until a page is full, which for a late connection are those of all others.
So one table alone is asked for what is of the connection: another one, whose index finds the keys
of the rows, or else the rows themselves. All others are asked by key, for each row. Work grows with
what the leading table holds of the connection, whatever is known of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from django.db.models import Model

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
)
from django_scim_provider.storage.sql.columns.declared import Columns
from django_scim_provider.storage.sql.indexed.documents_asked import is_by_column, names_few
from django_scim_provider.storage.sql.searching.lookups import (
    as_term,
    asks_documents,
    is_of_documents,
    reach,
    relation_of,
)
from django_scim_provider.storage.sql.vendors import vendor_of


class _Finds(IntEnum):
    """What an index finds by a term, fewest first."""

    ONE = 0
    """Whoever has a name or an id."""
    FEW = 1
    """Those who have an address, or share a name."""
    A_RANGE = 2
    """Those whose user name begins so, or the members of a group."""
    MANY = 3
    """Those who have anything else in common, a department or a time."""
    ANY = 4
    """Perhaps everybody, by a column that is read for all of the connection."""


def leading_terms(
    bound: BoundFilter, columns: Columns, model: type[Model], using: str
) -> Sequence[BoundFilter] | None:
    """Return the terms by which another table finds the keys of all rows, in one sub-select.

    None of them: the rows themselves are looked through, or found by an index of theirs. None: the
    database chooses by itself.
    """
    if not vendor_of(using).fence:
        return None
    terms = bound.terms if isinstance(bound, BoundAnd) else (bound,)
    documents = [each for each in terms if _is_asked_in_documents(each, columns)]
    others = [[each] for each in terms if _is_of_other_table(each, columns)]
    own = [each for each in terms if each not in documents and [each] not in others]
    found: list[tuple[_Finds, Sequence[BoundFilter]]] = []
    for term in own:
        if reach(term, columns, model).is_bounded:
            found.append((_by_own_index(term, columns), ()))
    for table in (*others, documents):
        if any(reach(each, columns, model).is_bounded for each in table):
            found.append((min(_by_other_index(each, columns) for each in table), table))
    found += [(_Finds.ANY, table) for table in others]
    if columns.documents and any(is_by_column(each, columns.documents) for each in documents):
        found.append((_Finds.ANY, documents))
    return min(found, key=lambda each: each[0])[1] if found else ()


def _by_own_index(term: BoundFilter, columns: Columns) -> _Finds:
    is_one = isinstance(term, BoundComparison) and term.op == "eq"
    return _Finds.ONE if is_one and relation_of(term, columns) is None else _Finds.A_RANGE


def _by_other_index(term: BoundFilter, columns: Columns) -> _Finds:
    rows = columns.documents
    is_few = relation_of(term, columns) is not None or (rows is not None and names_few(term, rows))
    return _Finds.FEW if is_few else _Finds.MANY


def _is_asked_in_documents(term: BoundFilter, columns: Columns) -> bool:
    return columns.documents is not None and asks_documents(term, columns)


def _is_of_other_table(term: BoundFilter, columns: Columns) -> bool:
    if isinstance(term, BoundAnd | BoundOr | BoundNot) or _is_asked_in_documents(term, columns):
        return False
    relation = relation_of(term, columns)
    if relation is not None:
        return relation.leads(as_term(term))
    column = columns.columns.get(str(term.target))
    return isinstance(term, BoundComparison) and is_of_documents(column) and column.leads(term.op)
