"""Conditions on the table of folded documents: by its columns, by its index, else one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, cast

from django.db.models import Q

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
)
from django_scim_provider.storage.sql.columns.declared import DocumentRows
from django_scim_provider.storage.sql.folded import FoldedCondition
from django_scim_provider.storage.sql.indexed.attribute_texts import narrowed, reach_by_index
from django_scim_provider.storage.sql.indexed.containment import Contains, contained
from django_scim_provider.storage.sql.indexed.cut_columns import CutColumn
from django_scim_provider.storage.sql.indexed.sub_selects import FoundIn
from django_scim_provider.storage.sql.reach import Reach


def found_in_documents(
    terms: Sequence[BoundFilter], rows: DocumentRows, *, leads: bool = True
) -> Q:
    """Return the condition that all terms hold for the document of a resource.

    Unless it ``leads`` to the resources, it is asked for each.
    """
    condition = reduce(and_, (_condition(term, rows) for term in terms))
    if not leads:
        return Q(FoundIn(rows.model, _holder(rows), condition, first=False))
    # What an index of documents finds is of the connection already.
    if any(_is_contained(term, rows) for term in terms):
        return Q(FoundIn(rows.model, _holder(rows), condition))
    return read_first(condition, rows)


def read_first(condition: Q, rows: DocumentRows) -> Q:
    """Return the condition that a resource is one whose document, of the connection, has another.

    The documents are read first, by their columns.
    """
    own: dict[str, Any] = {"provider_id": rows.provider_id}
    return Q(FoundIn(rows.model, _holder(rows), Q(**own) & condition))


def _holder(rows: DocumentRows) -> str:
    return str(rows.model._meta.pk.name)


def is_by_column(bound: BoundFilter, rows: DocumentRows) -> bool:
    """Tell whether a column, or an index of one attribute, says which documents are read."""
    if _column(bound, rows) is not None:
        return True
    return isinstance(bound, BoundComparison) and narrowed(bound, rows) is not None


def names_few(bound: BoundFilter, rows: DocumentRows) -> bool:
    """Tell whether a term asks for people by a name, or by how it begins."""
    return (
        isinstance(bound, BoundComparison)
        and bound.op in ("eq", "sw")
        and _column(bound, rows) is not None
    )


def _is_contained(bound: BoundFilter, rows: DocumentRows) -> bool:
    return rows.contains and _column(bound, rows) is None and contained(bound) is not None


def _condition(bound: BoundFilter, rows: DocumentRows) -> Q:
    """Return a condition on a document; it is true or false, and never NULL."""
    match bound:
        case BoundAnd(terms):
            return reduce(and_, (_condition(term, rows) for term in terms))
        case BoundOr(terms):
            return reduce(or_, (_condition(term, rows) for term in terms))
        case BoundNot(term):
            return ~_condition(term, rows)
    whole = Q(FoldedCondition(bound, "folded"))
    column = _column(bound, rows)
    if column is not None and not _is_of_parts(bound):
        return _by_column(bound, column, whole)
    part = contained(bound) if rows.contains else None
    if part is not None:
        return Q(Contains(rows.provider_id, part))
    by_index = narrowed(bound, rows) if isinstance(bound, BoundComparison) else None
    if by_index is not None:
        # What is unassigned is NULL for the index, and false for the whole.
        return by_index & whole
    return whole if column is None else _by_column(bound, column, whole)


def _is_of_parts(bound: BoundFilter) -> bool:
    return isinstance(bound, BoundComparison) and bound.op in ("co", "ew")


def _column(bound: BoundFilter, rows: DocumentRows) -> CutColumn | None:
    if not isinstance(bound, BoundComparison | BoundPresent):
        return None
    found = rows.columns.get(str(bound.target))
    return found if isinstance(found, CutColumn) else None


def _by_column(bound: BoundFilter, column: CutColumn, whole: Q) -> Q:
    if not isinstance(bound, BoundComparison):
        return column.present()
    value = cast(str, bound.value)  # of texts
    found = column.compare(bound.op, value)
    return column.narrowed(bound.op, value, whole) if found is None else found


def reach_in_documents(bound: BoundFilter, rows: DocumentRows) -> Reach:
    """Return how far the database looks for what one term finds."""
    column = _column(bound, rows)
    if (column is None or _is_of_parts(bound)) and isinstance(bound, BoundComparison):
        found = reach_by_index(bound, rows)
        if found is not None:
            return found
    if column is not None and isinstance(bound, BoundComparison):
        if bound.op in ("eq", "sw") and bound.value:
            return column.reach(bound.op, str(bound.value), rows.model)
        return Reach.ROWS if column.compare(bound.op, str(bound.value)) else Reach.DOCUMENTS
    if column is not None:
        return Reach.ROWS
    return Reach.MATCHES if _is_contained(bound, rows) else Reach.DOCUMENTS
