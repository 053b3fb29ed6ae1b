"""Bound filters as ``Q``: one SQL condition, whatever the filter says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_, or_
from typing import TypeGuard

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
from django_scim_provider.core.schemas.definitions import Attribute, Target
from django_scim_provider.storage.sql.columns.declared import Column, Columns, Relation
from django_scim_provider.storage.sql.columns.value_columns import DateColumn
from django_scim_provider.storage.sql.folded import FoldedCondition
from django_scim_provider.storage.sql.indexed.documents_asked import (
    found_in_documents,
    reach_in_documents,
    read_first,
)
from django_scim_provider.storage.sql.reach import Reach, all_of, one_of


def to_q(bound: BoundFilter, columns: Columns, leading: Sequence[BoundFilter] | None = None) -> Q:
    """Return the condition of a bound filter; columns and relations first, then the document.

    ``leading`` are the terms by which other tables find the rows, as ``leading_terms`` chooses
    them; whatever else other tables are asked, they are asked for each row. None: it is left to the
    database.
    """
    if columns.documents is not None and asks_documents(bound, columns):
        return found_in_documents([bound], columns.documents, leads=_leads(bound, leading))
    beside = None if leading is None else ()
    match bound:
        case BoundAnd(terms):
            return _all(terms, columns, leading)
        case BoundOr(terms):
            return reduce(or_, (full(to_q(term, columns, beside)) for term in terms))
        case BoundNot(term):
            return ~full(to_q(term, columns, beside))
    found = _by_relation(bound, columns, leads=_leads(bound, leading))
    if found is None and leading is not None and _leads(bound, leading):
        found = _by_leading_column(bound, columns)
    if found is None:
        found = _by_column(bound, columns, leads=_leads(bound, leading))
    return Q(FoldedCondition(bound, columns.document)) if found is None else found


def _leads(bound: BoundFilter, leading: Sequence[BoundFilter] | None) -> bool:
    terms = bound.terms if isinstance(bound, BoundAnd) else (bound,)
    return leading is None or any(term is each for term in terms for each in leading)


def _all(
    terms: Sequence[BoundFilter], columns: Columns, leading: Sequence[BoundFilter] | None
) -> Q:
    """Return the condition that all terms hold; what documents are asked is asked at once."""
    apart, conditions = [], []
    for term in terms:
        if columns.documents is not None and asks_documents(term, columns):
            apart.append(term)
        else:
            conditions.append(to_q(term, columns, leading))
    if columns.documents is not None and apart:
        leads = _leads(apart[0], leading)
        conditions.append(found_in_documents(apart, columns.documents, leads=leads))
    # An empty condition, which holds for all, is what AND may drop.
    return reduce(and_, conditions)


def asks_documents(bound: BoundFilter, columns: Columns) -> bool:
    """Tell whether a filter is about nothing but what stands in documents."""
    if isinstance(bound, BoundAnd | BoundOr):
        return all(asks_documents(term, columns) for term in bound.terms)
    if isinstance(bound, BoundNot):
        return asks_documents(bound.term, columns)
    return _by_relation(bound, columns) is None and _by_column(bound, columns) is None


def full(condition: Q) -> Q:
    """Return a condition that is never empty: Django drops an empty one from OR and NOT."""
    return condition or Q(pk__isnull=False)


def _by_column(bound: BoundFilter, columns: Columns, *, leads: bool = True) -> Q | None:
    if isinstance(bound, BoundComparison):
        column = columns.columns.get(str(bound.target))
        if not leads and is_of_documents(column):
            column = replace(column, own=Q())
        return None if column is None else column.compare(bound.op, bound.value)
    if isinstance(bound, BoundPresent):
        column = columns.columns.get(str(bound.target))
        return None if column is None else column.present()
    return None


def _by_leading_column(bound: BoundFilter, columns: Columns) -> Q | None:
    """Return the condition by a column of the documents, which are read first, by its index."""
    rows = columns.documents
    if rows is None or not isinstance(bound, BoundComparison):
        return None
    column = columns.columns.get(str(bound.target))
    if not is_of_documents(column):
        return None
    of_documents = replace(column, name=column.name.rpartition("__")[2], own=Q())
    found = of_documents.compare(bound.op, str(bound.value))
    return None if found is None else read_first(found, rows)


def is_of_documents(column: Column | None) -> TypeGuard[DateColumn]:
    """Tell whether a column is one of the table with the documents."""
    return isinstance(column, DateColumn) and bool(column.own)


def _by_relation(bound: BoundFilter, columns: Columns, *, leads: bool = True) -> Q | None:
    """Ask the relation of a multi-valued attribute; comparisons become value filters."""
    relation = relation_of(bound, columns)
    return None if relation is None else relation.condition(as_term(bound), leads)


def relation_of(bound: BoundFilter, columns: Columns) -> Relation | None:
    """Return the relation that a condition on one multi-valued attribute is about."""
    if isinstance(bound, BoundAnd | BoundOr | BoundNot) or bound.target.extension is not None:
        return None
    return columns.relations.get(bound.target.attribute.name)


def as_term(bound: BoundFilter) -> BoundFilter | None:
    """Return a condition on a multi-valued attribute as a term on one of its values.

    None asks whether there is any.
    """
    if isinstance(bound, BoundAnd | BoundOr | BoundNot):
        return bound
    if isinstance(bound, BoundPresent) and bound.target.sub is None:
        return None
    if isinstance(bound, BoundValuePath):
        return bound.term
    # ``emails eq "x"`` asks for their ``value`` (RFC 7643 section 2.4, RFC 7644 section 3.4.2.2).
    sub = bound.target.sub or bound.target.attribute.sub_attribute("value")
    relative = Target(sub or Attribute(name="value"))
    if isinstance(bound, BoundPresent):
        return BoundPresent(relative)
    return BoundAnd((BoundPresent(relative), BoundComparison(relative, bound.op, bound.value)))


def reach(bound: BoundFilter, columns: Columns, model: type[Model]) -> Reach:
    """Return how far the database looks for the matches of a bound filter, as ``to_q`` puts it."""
    match bound:
        case BoundAnd(terms):
            return all_of(reach(term, columns, model) for term in terms)
        case BoundOr(terms):
            apart = columns.documents is not None and not asks_documents(bound, columns)
            return one_of(_reach_of_one(term, columns, model, apart=apart) for term in terms)
        case BoundNot(term):
            # An index finds what a term says, and not what it leaves.
            return max(Reach.ROWS, reach(term, columns, model))
    relation = relation_of(bound, columns)
    if relation is not None:
        asked = as_term(bound)
        pinned = asked is not None and relation.pinned(asked)
        return Reach.MATCHES if pinned else Reach.DOCUMENTS
    column = columns.columns.get(str(bound.target))
    if column is None and columns.documents is not None:
        return reach_in_documents(bound, columns.documents)
    if column is None or isinstance(bound, BoundValuePath):
        return Reach.DOCUMENTS
    if isinstance(bound, BoundPresent):
        return Reach.ROWS
    return column.reach(bound.op, bound.value, model)


def _reach_of_one(term: BoundFilter, columns: Columns, model: type[Model], *, apart: bool) -> Reach:
    """Return the reach of a term of ``or``; ``apart`` where not all ask the documents alone."""
    # Keys that another table finds are looked for in each row: no index joins them with what the
    # other terms find.
    found = reach(term, columns, model)
    elsewhere = _asks_relation(term, columns) or (apart and _asks_any_document(term, columns))
    return max(found, Reach.ROWS) if elsewhere else found


def _asks_any_document(bound: BoundFilter, columns: Columns) -> bool:
    if isinstance(bound, BoundAnd | BoundOr):
        return any(_asks_any_document(term, columns) for term in bound.terms)
    return asks_documents(bound, columns)


def _asks_relation(bound: BoundFilter, columns: Columns) -> bool:
    if isinstance(bound, BoundAnd | BoundOr):
        return any(_asks_relation(term, columns) for term in bound.terms)
    return not isinstance(bound, BoundNot) and relation_of(bound, columns) is not None


def _is_equation(term: BoundComparison) -> bool:
    return term.op == "eq"


def pins(
    bound: BoundFilter, name: str, served: Callable[[BoundComparison], bool] = _is_equation
) -> bool:
    """Tell whether every match of a value filter satisfies a comparison of a sub-attribute.

    By default it has one given value; ``served`` tells which comparisons count.
    """
    if isinstance(bound, BoundAnd):
        return any(pins(term, name, served) for term in bound.terms)
    if isinstance(bound, BoundOr):
        return all(pins(term, name, served) for term in bound.terms)
    return isinstance(bound, BoundComparison) and str(bound.target) == name and served(bound)
