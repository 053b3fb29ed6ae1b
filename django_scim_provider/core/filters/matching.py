"""Bound filters evaluated in Python, over folded documents (see ``folding``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
)
from django_scim_provider.core.filters.operators import TESTS
from django_scim_provider.core.schemas.definitions import Resource, Target


def matches(bound: BoundFilter, folded: Resource) -> bool:
    """Tell whether a folded document satisfies a filter.

    Logic has two values: an unassigned attribute satisfies nothing but ``ne``, and ``not`` inverts.
    A multi-valued attribute satisfies a comparison where one of its values does.
    """
    match bound:
        case BoundAnd(terms):
            return all(matches(term, folded) for term in terms)
        case BoundOr(terms):
            return any(matches(term, folded) for term in terms)
        # No third value as in SQL: RFC 7644 has none, so ``not (title eq "x")`` matches those
        # without a title.
        case BoundNot(term):
            return not matches(term, folded)
        case BoundPresent(target):
            return any(value is not None for value in _values(target, folded))
        case BoundValuePath(target, term):
            return any(matches(term, element) for element in _elements(target, folded))
        case BoundComparison(target, op, wanted):
            return _compares(target, op, wanted, folded)


element_matches = matches
"""Tell whether one folded value satisfies a value filter, whose targets are relative to it."""


def _compares(target: Target, op: str, wanted: Any, folded: Resource) -> bool:
    test = TESTS[op]
    values = list(_values(target, folded))
    if target.attribute.multi_valued:
        return any(value is not None and test(value, wanted) for value in values)
    # ``ne`` on what is unassigned is true: Table 3 asks for values that are not equal, and nothing
    # is not equal to something.
    if not values or values[0] is None:
        return op == "ne"
    return test(values[0], wanted)


def _elements(target: Target, folded: Resource) -> Iterable[Resource]:
    holder = folded.get(target.extension, {}) if target.extension else folded
    held = holder.get(target.attribute.name)
    if held is None:
        return ()
    elements: Iterable[Resource] = held if target.attribute.multi_valued else (held,)
    return elements


def _values(target: Target, folded: Resource) -> Iterable[Any]:
    """Return the values that a path names: of each element, or the one."""
    if target.sub is not None:
        return [element.get(target.sub.name) for element in _elements(target, folded)]
    # Folded documents hold simple values as objects too, so that one look-up serves both kinds.
    if target.attribute.multi_valued and target.attribute.type != "complex":
        return [element.get("value") for element in _elements(target, folded)]
    return _elements(target, folded)
