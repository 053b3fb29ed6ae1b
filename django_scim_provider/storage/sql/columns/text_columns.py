"""Columns of texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup, Model, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.core.stored_text import segment
from django_scim_provider.models.fields import ExactCharField, ExactTextField
from django_scim_provider.storage.sql.columns.declared import LOOKUPS
from django_scim_provider.storage.sql.reach import Reach, in_order
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column that holds the folded (or ``caseExact``) text in an exact collation."""

    name: str
    sort: str | None = None

    def compare(self, op: str, value: str) -> Q | None:
        """Compare; ``sw`` is a range, so that every database uses the index for it."""
        if op == "ne":
            # Django's negation finds NULL as well: what is unassigned is not equal.
            return ~Q(**{self.name: value})
        if op in LOOKUPS:
            return Q(**{f"{self.name}__{LOOKUPS[op]}": value})
        if not value:
            return self.present()
        after = made_of(value, text_after) if op == "sw" else None
        if after is None:
            return self.present() & Q(PartOfText(self.name, op, value))
        return Q(**{f"{self.name}__gte": value, f"{self.name}__lt": after})

    def present(self) -> Q:
        """Return the condition that the column is not NULL."""
        return Q(**{f"{self.name}__isnull": False})

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index leads to one value, and to the range that ``sw`` is."""
        if op == "sw" and (not value or text_after(value) is None):
            return Reach.ROWS
        return in_order(model, self.name, "ge" if op == "sw" else op)


class PartOfText(Lookup):
    """Whether a text holds another one, begins or ends with it."""

    prepare_rhs = False

    def __init__(self, text: Any, op: str, value: str) -> None:
        """Take the name of a column, or an expression."""
        super().__init__(F(text) if isinstance(text, str) else text, value)
        self.op = op

    @property
    def identity(self) -> Any:
        """Tell one from another: Django drops conditions that are equal."""
        return (*super().identity, self.op)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Ask the vendor, by functions: LIKE has wildcards, and on SQLite it ignores case."""
        text, parameters = self.process_lhs(compiler, connection)
        is_exact = isinstance(self.lhs.output_field, ExactCharField | ExactTextField)
        vendor = vendor_of(connection)
        sql, more = vendor.part_of_column(text, self.op, self.rhs, is_exact=is_exact)
        return sql, [*parameters, *more]


def text_after(prefix: str) -> str | None:
    """Return the least text that is greater than all that begin with the prefix, by code point."""
    # Surrogates are no characters, and no database stores them; behind the last one there is none.
    last = ord(prefix[-1]) + 1
    if last > 0x10FFFF or 0xD800 <= last <= 0xDFFF:
        return None
    return prefix[:-1] + chr(last)


@dataclass(frozen=True, slots=True)
class IdColumn(TextColumn):
    """The SCIM id of a row."""

    def present(self) -> Q:
        """Every resource has an id."""
        return Q()


@dataclass(frozen=True, slots=True)
class MemberIdColumn(TextColumn):
    """The id of whom one of several foreign keys names; equality goes by the indexes of these.

    ``keys`` are the foreign keys, each with the rows of the connection that it points to.
    """

    keys: Mapping[str, QuerySet[Any, Any]] = field(default_factory=dict)

    def compare(self, op: str, value: str) -> Q | None:
        """Compare for equality with the keys, else with the text."""
        if op != "eq":
            return TextColumn.compare(self, op, value)
        return reduce(or_, (Q(**{name: _key(rows, value)}) for name, rows in self.keys.items()))

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """The text is joined for each row."""
        return Reach.MATCHES if op == "eq" else Reach.ROWS


_NOBODY = Value(UUID(int=0), output_field=UUIDField())


def _key(rows: QuerySet[Any, Any], id: str) -> Coalesce:
    """Return the key of the row with an id; where there is none, one that no row has.

    One scalar, which never is NULL, so that databases look it up before they go to an index with
    it, and a negated condition stays true or false.
    """
    return Coalesce(Subquery(rows.filter(scim_id=id).values("pk")), _NOBODY)


@dataclass(frozen=True, slots=True)
class ReferenceColumn(TextColumn):
    """The address of a resource: ``root``, the SCIM root, and behind it the id as it is.

    No database knows percent-encoding, so the other side is decoded. That is never a wider match; a
    value that cuts an escape apart, such as ``co "20"`` for ``%20``, finds less.
    """

    root: str = ""

    def compare(self, op: str, value: str) -> Q | None:
        """Compare with the value as it is before it is percent-encoded."""
        return TextColumn.compare(self, op, decoded_address(self.root, value))


def decoded_address(root: str, value: str) -> str:
    """Return an address, or a part of one, with what comes behind the root as it is in ids."""
    at = len(root) if value.startswith(root) else 0
    return value[:at] + _ESCAPES.sub(_decoded, value[at:])


_ESCAPES = re.compile(r"(?:%[0-9A-F]{2})+|.", re.DOTALL)
_NO_ID = "\x01"
"""Is in no id, so that nothing matches: an address has everything encoded that ``segment`` does."""


def _decoded(found: re.Match[str]) -> str:
    encoded = found.group()
    text = unquote(encoded, errors="replace")
    return text if encoded in (segment(text), "/") else _NO_ID
