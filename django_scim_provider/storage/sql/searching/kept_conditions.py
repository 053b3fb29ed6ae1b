"""Filters as SQL, which is kept by their shape: a further one only brings its values.

To compile a condition takes longer than all else that a list request does, and directories send
the same filter with other values all day. A shape is all that decides about the SQL: operators,
attributes, and of each value no more than whether it is empty or longer than a column. Only
conditions of the app's own models are kept, and nothing that the project answers is in them; see
``Family``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Any

from django.db.models import Model

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundValuePath,
)
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.sql.columns.declared import Columns, Family
from django_scim_provider.storage.sql.columns.text_columns import text_after
from django_scim_provider.storage.sql.indexed.attribute_texts import known
from django_scim_provider.storage.sql.indexed.text_parts import has_word
from django_scim_provider.storage.sql.searching.leading import leading_terms
from django_scim_provider.storage.sql.searching.lookups import to_q
from django_scim_provider.storage.sql.statements.compiled import Condition, condition_sql
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import Vendor
from django_scim_provider.storage.sql.vendors.fragments.placed import (
    Make,
    PlacedText,
    makers,
    stand_in,
)

MOST_KEPT = 256
MOST_TERMS = 8
"""Comparisons of a filter that is kept: nobody sends longer ones all day."""
_HIGHEST = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class _Text:
    """What of a text decides about the SQL."""

    length: int
    """0, one less than a column has, as many, or one more."""
    is_last: bool
    """Is there no text behind all those that begin with it?"""
    has_word: bool = True
    """Does it hold what an index of parts knows, where the comparison is of parts?"""

    def placed(self, number: int) -> PlacedText:
        """Return what stands for one of the kind."""
        last, middle = _HIGHEST if self.is_last else "", "x" if self.has_word else "-"
        return stand_in(number, self.length, last, middle)


_CONNECTION = _Text(MAX_BEGINNING - 1, is_last=False)


@dataclass(frozen=True, slots=True)
class _Shape:
    using: str
    vendor: type[Vendor]
    model: type[Model]
    kind: Hashable
    tree: BoundFilter
    """The filter with nothing in the places of its texts."""
    texts: tuple[_Text, ...]
    indexes: Hashable
    """What is known of those that are not there always."""
    family: Family = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    sql: str
    parameters: list[Any]
    makers: list[tuple[int, Make]]
    led: bool

    def filled(self, texts: list[str]) -> Condition:
        parameters = self.parameters.copy()
        for place, make in self.makers:
            parameters[place] = make(texts)
        return self.sql, parameters


def condition_of(
    bound: BoundFilter, columns: Columns, model: type[Model], using: str
) -> tuple[Condition, bool] | None:
    """Return the condition on the rows of a model as SQL; None where it is known to find nothing.

    Beside it: does another table lead to the rows? See ``leading_terms``.

    Raises:
        FieldError: it would join other tables.
    """
    family, held = columns.family, list(_comparisons(bound))
    if family is None or len(held) > MOST_TERMS or not all(map(_is_kept, held)):
        leading = leading_terms(bound, columns, model, using)
        condition = condition_sql(model, using, to_q(bound, columns, leading))
        return None if condition is None else (condition, bool(leading))
    placed = [each for each in held if each.target.leaf.type != "boolean"]
    texts = tuple(map(_text_of, placed))
    tree = _with_texts(bound, repeat(""))
    kind = using, type(vendor_of(using)), model, family.kind
    kept = _kept(_Shape(*kind, tree, texts, known(), family))
    if kept is None:
        return None
    # The connection is the first of the texts: any number of them shares what is kept.
    texts_of = [family.provider_id, *(str(each.value) for each in placed)]
    return kept.filled(texts_of), kept.led


@lru_cache(maxsize=MOST_KEPT)
def _kept(shape: _Shape) -> _Kept | None:
    connection, *texts = [
        text.placed(number) for number, text in enumerate((_CONNECTION, *shape.texts))
    ]
    filled = _with_texts(shape.tree, iter(texts))
    columns = shape.family.columns_of(connection)
    leading = leading_terms(filled, columns, shape.model, shape.using)
    found = condition_sql(shape.model, shape.using, to_q(filled, columns, leading))
    if found is None:
        return None
    sql, parameters = found
    return _Kept(sql, list(parameters), makers(parameters), bool(leading))


def _comparisons(bound: BoundFilter) -> Iterator[BoundComparison]:
    match bound:
        case BoundAnd(terms) | BoundOr(terms):
            for term in terms:
                yield from _comparisons(term)
        case BoundNot(term) | BoundValuePath(_, term):
            yield from _comparisons(term)
        case BoundComparison():
            yield bound


def _is_kept(comparison: BoundComparison) -> bool:
    """Tell whether the SQL has the value as a parameter, as it is or made of it.

    Of booleans it has none: true and false are two shapes.
    """
    return comparison.target.leaf.type in ("string", "binary", "boolean")


def _text_of(comparison: BoundComparison) -> _Text:
    text = str(comparison.value)
    length = min(len(text), MAX_BEGINNING + 1)
    if 0 < length < MAX_BEGINNING:
        length = MAX_BEGINNING - 1
    is_last = comparison.op == "sw" and bool(text) and text_after(text) is None
    return _Text(length, is_last, comparison.op not in ("co", "ew") or has_word(text))


def _with_texts(bound: BoundFilter, texts: Iterator[str]) -> BoundFilter:
    """Return a filter with other texts, in the order of ``_comparisons``."""
    match bound:
        case BoundAnd(terms):
            return BoundAnd(tuple(_with_texts(term, texts) for term in terms))
        case BoundOr(terms):
            return BoundOr(tuple(_with_texts(term, texts) for term in terms))
        case BoundNot(term):
            return BoundNot(_with_texts(term, texts))
        case BoundValuePath(target, term):
            return BoundValuePath(target, _with_texts(term, texts))
        case BoundComparison(target, op) if target.leaf.type != "boolean":
            return BoundComparison(target, op, next(texts))
    return bound
