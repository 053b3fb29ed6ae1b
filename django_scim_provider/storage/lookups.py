"""Bound filters as ``Q``: one SQL condition, whatever the filter says."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

from django.db.models import Q

from django_scim_provider.core.filters import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
)
from django_scim_provider.core.schema import Attribute, Target
from django_scim_provider.storage.columns import Columns
from django_scim_provider.storage.json_sql import FoldedCondition


def to_q(bound: BoundFilter, columns: Columns) -> Q:
    """Return the condition of a bound filter; columns and relations first, then the document."""
    match bound:
        case BoundAnd(terms):
            return reduce(and_, (to_q(term, columns) for term in terms))
        case BoundOr(terms):
            return reduce(or_, (_full(to_q(term, columns)) for term in terms))
        case BoundNot(term):
            return ~_full(to_q(term, columns))
    found = _by_relation(bound, columns)
    if found is None:
        found = _by_column(bound, columns)
    return Q(FoldedCondition(bound)) if found is None else found


def _full(condition: Q) -> Q:
    """Return a condition that is never empty: Django drops an empty one from OR and NOT."""
    return condition or Q(pk__isnull=False)


def _by_column(bound: BoundFilter, columns: Columns) -> Q | None:
    if isinstance(bound, BoundComparison):
        column = columns.columns.get(str(bound.target))
        return None if column is None else column.compare(bound.op, bound.value)
    if isinstance(bound, BoundPresent):
        column = columns.columns.get(str(bound.target))
        return None if column is None else column.present()
    return None


def _by_relation(bound: BoundFilter, columns: Columns) -> Q | None:
    """Ask the relation of a multi-valued attribute; comparisons become value filters."""
    if isinstance(bound, BoundAnd | BoundOr | BoundNot) or bound.target.extension is not None:
        return None
    relation = columns.relations.get(bound.target.attribute.name)
    if relation is None:
        return None
    if isinstance(bound, BoundPresent) and bound.target.sub is None:
        return relation(None)
    return relation(_as_term(bound))


def _as_term(bound: BoundComparison | BoundPresent | BoundValuePath) -> BoundFilter:
    """Return a condition on a multi-valued attribute as a term on one of its values."""
    if isinstance(bound, BoundValuePath):
        return bound.term
    sub = bound.target.sub or bound.target.attribute.sub_attribute("value")
    relative = Target(sub or Attribute(name="value"))
    if isinstance(bound, BoundPresent):
        return BoundPresent(relative)
    return BoundAnd((BoundPresent(relative), BoundComparison(relative, bound.op, bound.value)))


def pins(bound: BoundFilter, name: str) -> bool:
    """Tell whether every match of a value filter has one given value of a sub-attribute."""
    if isinstance(bound, BoundAnd):
        return any(pins(term, name) for term in bound.terms)
    if isinstance(bound, BoundOr):
        return all(pins(term, name) for term in bound.terms)
    return isinstance(bound, BoundComparison) and (str(bound.target), bound.op) == (name, "eq")
