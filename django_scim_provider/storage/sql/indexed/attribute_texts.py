"""Indexes of texts in documents: of their beginnings, where ``INDEXED_ATTRIBUTES`` names them.

And of their parts, where the database has such. An index
narrows what is looked at down to some rows; the comparison of the whole text stands behind it and
decides, so that the answers are the same with an index and without.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import names_digest
from django.db.models import Model, Q
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.conf import get_settings, until_settings_change
from django_scim_provider.core.filters.expressions import BoundComparison
from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.core.schemas.definitions import Target
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.storage.sql.columns.declared import DocumentRows
from django_scim_provider.storage.sql.columns.text_columns import PartOfText, text_after
from django_scim_provider.storage.sql.folded import FoldedValue, OnFolded, path_of
from django_scim_provider.storage.sql.indexed import in_place, text_parts
from django_scim_provider.storage.sql.reach import Reach
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of
from django_scim_provider.storage.sql.vendors.text_indexes import TextIndex

PREFIX = f"{in_place.PREFIX}index_attributes_"
"""What the names of these indexes begin with; no other one is dropped with them."""
INDEXED_TYPES = frozenset({"string", "reference", "dateTime"})
"""The types of attributes that are texts in a document, and are looked for by their beginnings."""
_CORE = tuple(f"{each.schema.id}:".lower() for each in (USER, GROUP))
_NO_WORD = re.compile(r"[^a-z0-9]", re.ASCII)


def as_written(path: str) -> str:
    """Return how ``str(target)`` is written, in lower case: without the URN of a core schema."""
    path = path.lower()
    for urn in _CORE:
        path = path.removeprefix(urn)
    return path


@until_settings_change
def _named() -> frozenset[str]:
    return frozenset(map(as_written, get_settings().INDEXED_ATTRIBUTES))


def is_named(path: str) -> bool:
    """Tell whether the setting names an attribute, as ``str(target)`` writes it."""
    return path.lower() in _named()


def known() -> Hashable:
    """Return what decides about the SQL of a filter, beside the filter."""
    return in_place.generation(), _named()


@lru_cache(maxsize=512)
def beginnings_index(model: type[Model], target: Target) -> TextIndex:
    """Return the index of the beginnings of an attribute's texts in a table of documents."""
    return _index(model, target, "")


@lru_cache(maxsize=512)
def parts_index(model: type[Model], target: Target) -> TextIndex:
    """Return the index of the parts of an attribute's texts."""
    return _index(model, target, "parts_")


def _index(model: type[Model], target: Target, kind: str) -> TextIndex:
    table, column = in_place.table_and_column(model, "folded")
    # Where the expression becomes another one, so does the name.
    digest = names_digest(table, str(target), str(MAX_BEGINNING), length=8)
    words = _NO_WORD.sub("", target.leaf.name.lower())[:16]
    return TextIndex(f"{PREFIX}{kind}{words}_{digest}", table, column, tuple(path_of(target)))


class Beginning(OnFolded):
    """The first ``MAX_BEGINNING`` characters of a text, as its index has them."""

    def __init__(self, target: Target, document: str, index: str) -> None:
        super().__init__(document, ExactCharField(max_length=MAX_BEGINNING))
        self.target = target
        self.index = index

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the expression, or the column that stands for it."""
        document, _ = compiler.compile(self.column)
        index = connection.ops.quote_name(self.index)
        path = path_of(self.target)
        return vendor_of(connection).beginning(document, path, MAX_BEGINNING, index), []


def beginning(target: Target, document: str, rows: DocumentRows) -> Beginning | None:
    """Return what an index has of an attribute; None: there is none."""
    if target.attribute.multi_valued or not is_named(str(target)):
        return None
    index = beginnings_index(rows.model, target).name
    return Beginning(target, document, index) if in_place.is_there(rows.using, index) else None


def narrowed(bound: BoundComparison, rows: DocumentRows) -> Q | None:
    """Return the condition by which an index leads to all that a comparison finds, and to more.

    It may be NULL where the attribute is unassigned. None: no index serves.
    """
    value = bound.value
    if not isinstance(value, str) or not value:
        return None
    if bound.op in ("co", "ew"):
        return _by_parts(bound, value, rows)
    cut = beginning(bound.target, "folded", rows) if bound.op != "ne" else None
    return None if cut is None else _by_beginning(cut, bound.op, value)


def _by_parts(bound: BoundComparison, value: str, rows: DocumentRows) -> Q | None:
    if not text_parts.has_word(value) or not _has_parts(bound.target, rows):
        return None
    return Q(PartOfText(FoldedValue(bound.target, "folded"), bound.op, value))


def _has_parts(target: Target, rows: DocumentRows) -> bool:
    if target.attribute.multi_valued or not vendor_of(rows.using).has_parts:
        return False
    if str(target) not in rows.columns and not is_named(str(target)):
        return False
    return in_place.is_there(rows.using, parts_index(rows.model, target).name)


def _by_beginning(cut: Beginning, op: str, value: str) -> Q:
    first: Any = made_of(value, _first)
    # What stands behind the beginning is no matter of the range.
    if op == "eq" or (op == "sw" and len(value) > MAX_BEGINNING):
        return Q(Exact(cut, first))
    if op in ("lt", "le"):
        return Q(LessThanOrEqual(cut, first))
    after: Any = made_of(value, text_after) if op == "sw" else None
    from_there = Q(GreaterThanOrEqual(cut, first))
    return from_there if after is None else from_there & Q(LessThan(cut, after))


def _first(text: str) -> str:
    return text[:MAX_BEGINNING]


def reach_by_index(bound: BoundComparison, rows: DocumentRows) -> Reach | None:
    """Return how far the database looks by ``narrowed``; None where no index bounds it."""
    value = str(bound.value)
    is_range = bound.op not in ("eq", "sw", "co", "ew")
    if is_range or (bound.op == "sw" and value and text_after(value) is None):
        return None
    return None if narrowed(bound, rows) is None else Reach.MATCHES
