"""Attributes that have a column, or a table, of their own; filters on them use its index."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any, Protocol
from urllib.parse import unquote
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Left, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan

from django_scim_provider.core.filters.expressions import BoundFilter
from django_scim_provider.core.stored_text import segment
from django_scim_provider.models.moments import as_held
from django_scim_provider.storage.sql.reach import Reach, in_order

_LOOKUPS = {"eq": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}


class Column(Protocol):
    """What answers comparisons with one singular attribute."""

    @property
    def sort(self) -> str | None:
        """The field to sort by, None where the folded document is sorted by."""

    def compare(self, op: str, value: Any) -> Q | None:
        """Return the condition, or None to leave it to the folded document."""

    def present(self) -> Q | None:
        """Return the condition that the attribute is assigned, or None as above."""

    def reach(self, op: str, value: Any, model: type[Model]) -> Reach:
        """Return how far the database looks for what ``compare`` finds in a model's table."""


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
        if op in _LOOKUPS:
            return Q(**{f"{self.name}__{_LOOKUPS[op]}": value})
        if not value:
            return self.present()
        column = F(self.name)
        # By functions: LIKE has wildcards, and on SQLite it ignores the case of ASCII.
        if op == "co":
            return self.present() & Q(Holds(StrIndex(column, Value(value)), 0))
        if op == "ew":
            return self.present() & Q(Exact(Right(column, len(value)), Value(value)))
        after = _after(value)
        if after is None:
            return self.present() & Q(Exact(Left(column, len(value)), Value(value)))
        return Q(**{f"{self.name}__gte": value, f"{self.name}__lt": after})

    def present(self) -> Q:
        """Return the condition that the column is not NULL."""
        return Q(**{f"{self.name}__isnull": False})

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index leads to one value, and to the range that ``sw`` is."""
        if op == "sw" and (not value or _after(value) is None):
            return Reach.ROWS
        return in_order(model, self.name, "ge" if op == "sw" else op)


class Holds(GreaterThan):
    """Whether a text holds another one: ``StrIndex(text, Value(part)) > 0``."""

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Return a LIKE, which an index of trigrams serves, with its wildcards escaped."""
        text, part = self.lhs.get_source_expressions()
        sql, parameters = compiler.compile(text)
        pattern = f"%{connection.ops.prep_for_like_query(part.value)}%"
        return f"{sql} LIKE %s", [*parameters, pattern]


def _after(prefix: str) -> str | None:
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
        at = len(self.root) if value.startswith(self.root) else 0
        return TextColumn.compare(self, op, value[:at] + _ESCAPES.sub(_decoded, value[at:]))


_ESCAPES = re.compile(r"(?:%[0-9A-F]{2})+|.", re.DOTALL)
_NO_ID = "\x01"
"""Is in no id, so that nothing matches: an address has everything encoded that ``segment`` does."""


def _decoded(found: re.Match[str]) -> str:
    encoded = found.group()
    text = unquote(encoded, errors="replace")
    return text if encoded in (segment(text), "/") else _NO_ID


@dataclass(frozen=True, slots=True)
class BooleanColumn:
    """A boolean column, compared with ``"true"`` or ``"false"``."""

    name: str
    sort: str | None = None

    def compare(self, op: str, value: str) -> Q | None:
        """Compare for equality."""
        wanted = Q(**{self.name: value == "true"})
        return wanted if op == "eq" else ~wanted

    def present(self) -> Q:
        """Return the condition that the column is not NULL."""
        return Q(**{f"{self.name}__isnull": False})

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index that finds half of the rows saves nothing."""
        return Reach.ROWS


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column of numbers."""

    name: str
    sort: str | None = None
    whole: bool = False
    """Does it hold integers only?"""

    def compare(self, op: str, value: float) -> Q | None:
        """Compare; Django would cut the fraction off for a column of integers."""
        if self.whole and isinstance(value, float):
            if not value.is_integer():
                return None
            value = int(value)
        if op == "ne":
            return ~Q(**{self.name: value})
        found = Q(**{f"{self.name}__{_LOOKUPS[op]}": value})
        # Below a number that no column can hold are all rows for Django, also those without one.
        return found if op == "eq" else self.present() & found

    def present(self) -> Q:
        """Return the condition that the column is not NULL."""
        return Q(**{f"{self.name}__isnull": False})

    def reach(self, op: str, value: float, model: type[Model]) -> Reach:
        """An index leads to one number and to a range."""
        if self.compare(op, value) is None:
            return Reach.DOCUMENTS
        return in_order(model, self.name, op)


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A timestamp column, compared with folded dateTimes."""

    name: str
    sort: str | None = None
    nullable: bool = False
    own: Q = Q()  # noqa: RUF009 - an expression is never changed
    """See ``Columns.own_document``, where the column is one of it."""

    def compare(self, op: str, value: str) -> Q | None:
        """Compare instants; operators on the text are left to the folded document."""
        # ``co``, ``sw`` and ``ew`` ask for characters, which an instant does not have.
        if op not in _LOOKUPS and op != "ne":
            return None
        try:
            moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            return None
        moment = as_held(moment)  # the column may be the project's own
        if op == "ne":
            return ~Q(**{self.name: moment})
        return self.own & Q(**{f"{self.name}__{_LOOKUPS[op]}": moment})

    def present(self) -> Q:
        """Return the condition that there is a time."""
        return Q(**{f"{self.name}__isnull": False}) if self.nullable else Q()

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index leads to one instant and to a range; texts are looked at one by one."""
        known = op in _LOOKUPS or op == "ne"
        return in_order(model, self.name, op) if known else Reach.DOCUMENTS


@dataclass(frozen=True, slots=True)
class Relation:
    """A multi-valued attribute whose values are kept in another table."""

    condition: Callable[[BoundFilter | None], Q | None]
    """Answers a value filter (a relative term) or, for None, whether there is any value.

    It returns None to leave the answer to the folded document."""
    pinned: Callable[[BoundFilter], bool]
    """Does an index of the other table lead to what a value filter finds?"""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentRows:
    """The table with the folded documents of a model, whose primary key is that of the row."""

    model: type[Model]
    provider_id: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Columns of that table by ``str(target)``."""
    contains: bool = False
    """Does an index answer equations (``Vendor.contains_documents``)?"""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of one model by ``str(target)``, and its relations by attribute name."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    related: Combinable = Value(True)  # noqa: RUF009 - an expression is never changed
    """What a row tells of its values in other tables, which its text is completed with.

    It is false where there are none. See ``large_pages.Related``."""
    document: str = "folded"
    """The field that holds the folded document, as a path from the model."""
    documents: DocumentRows | None = None
    """The table that filters ask what no column or relation answers; None: the row itself."""
    own_document: Q = Q()  # noqa: RUF009 - as above
    """The condition that the document of a row is of the row's connection, which it always is.

    Its indexes begin with the connection."""
