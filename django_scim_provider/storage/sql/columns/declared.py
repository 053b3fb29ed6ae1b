"""Which attributes of a model have columns, and what answers for the others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Model, Q, Value
from django.db.models.expressions import Combinable

from django_scim_provider.core.filters.expressions import BoundFilter
from django_scim_provider.storage.sql.reach import Reach

LOOKUPS = {"eq": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}
"""Django's names of the operators that compare."""


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
class Relation:
    """A multi-valued attribute whose values are kept in another table."""

    condition: Callable[[BoundFilter | None, bool], Q | None]
    """Answers a value filter (a relative term) or, for None, whether there is any value.

    It is told whether the other table leads to the rows. It returns None to leave the answer to the
    folded document."""
    pinned: Callable[[BoundFilter], bool]
    """Does an index of the other table lead to what a value filter finds?"""
    leads: Callable[[BoundFilter | None], bool] = lambda term: False
    """May the other table lead to the rows, with a value filter or for None?"""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentRows:
    """The table with the folded documents of a model, whose primary key is that of the row."""

    model: type[Model]
    provider_id: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Columns of that table by ``str(target)``."""
    contains: bool = False
    """Does an index answer equations (``Vendor.contains_documents``)?"""
    using: str = "default"
    """The alias of the database, which knows whether indexes of the project's choice are there."""


@dataclass(frozen=True, slots=True)
class Family:
    """Columns that differ by nothing but the connection, so that their SQL is the same."""

    provider_id: str
    kind: Hashable
    """What else decides about the SQL."""
    columns_of: Callable[[str], Columns]
    """Returns those of another connection."""


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
    family: Family | None = None
    """None where the SQL of conditions is not kept, as it holds what the project answers."""
