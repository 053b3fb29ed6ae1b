"""Which table leads to the rows that a filter finds, where the database is not left to choose.

A planner chooses by statistics, which know nothing of a connection that came after them: it then
takes every table for one with nothing of that connection, and reads all of it in one table for each
of its rows in another. So one table alone is asked for what is of the connection, and the others by
the keys of its rows. Work grows with what the leading table holds, whatever is known of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Model

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
)
from django_scim_provider.storage.sql.columns.declared import Columns
from django_scim_provider.storage.sql.reach import Reach
from django_scim_provider.storage.sql.searching.lookups import (
    as_term,
    asks_documents,
    is_of_documents,
    reach,
    relation_of,
)
from django_scim_provider.storage.sql.vendors import vendor_of


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
    documents = [each for each in terms if _is_of_documents(each, columns)]
    others = [[each] for each in terms if _is_of_other_table(each, columns)]
    own = [each for each in terms if each not in documents and [each] not in others]
    reaches = [reach(each, columns, model) for each in own]
    if Reach.ROW in reaches:
        return ()
    # Addresses first, of which hardly two people have the same; then names and the like.
    tables = [*others, documents] if documents else others
    for table in tables:
        if any(reach(each, columns, model).is_bounded for each in table):
            return table
    if Reach.MATCHES in reaches or not tables:
        return ()
    return documents or tables[0]


def _is_of_documents(term: BoundFilter, columns: Columns) -> bool:
    return columns.documents is not None and asks_documents(term, columns)


def _is_of_other_table(term: BoundFilter, columns: Columns) -> bool:
    if isinstance(term, BoundAnd | BoundOr | BoundNot) or _is_of_documents(term, columns):
        return False
    relation = relation_of(term, columns)
    if relation is not None:
        return relation.leads(as_term(term))
    column = columns.columns.get(str(term.target))
    return isinstance(term, BoundComparison) and is_of_documents(column) and column.leads(term.op)
