"""Equations as documents that a resource's document contains, which one index answers for all."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundValuePath,
)
from django_scim_provider.core.schemas.definitions import Resource, Target
from django_scim_provider.models.fields import CONNECTION_KEY
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of_all


def contained(bound: BoundFilter) -> Resource | None:
    """Return what each document contains that a condition holds for, and no other one; or None.

    That is so for an equation, and for a value path of equations, whose element is one. Numbers
    are equal in a document of PostgreSQL where they are for Python: 1 and 1.0 are.
    """
    if isinstance(bound, BoundComparison):
        target = bound.target
        if bound.op != "eq" or target.leaf.multi_valued:
            return None
        if target.attribute.multi_valued:
            name = target.sub.name if target.sub else "value"
            return _at(target, [{name: bound.value}])
        return _at(target, {target.sub.name: bound.value} if target.sub else bound.value)
    if not isinstance(bound, BoundValuePath):
        return None
    element = _element(bound.term)
    if element is None:
        return None
    return _at(bound.target, [element] if bound.target.attribute.multi_valued else element)


def _at(target: Target, held: Any) -> Resource:
    found = {target.attribute.name: held}
    return {target.extension: found} if target.extension else found


def _element(term: BoundFilter) -> Resource | None:
    """Return the element that equations of sub-attributes describe; None where they are more."""
    element: Resource = {}
    for each in term.terms if isinstance(term, BoundAnd) else (term,):
        if not isinstance(each, BoundComparison) or each.op != "eq":
            return None
        name, leaf = each.target.attribute.name, each.target.leaf
        if each.target.sub is not None or leaf.multi_valued or name in element:
            return None
        element[name] = each.value
    return element


class Contains(Expression):
    """Whether the folded document of a row contains another one, and is of a connection.

    The connection stands inside, so that a value that many connections have is found among those
    of one by the same index.
    """

    conditional: ClassVar[bool] = True

    def __init__(self, provider_id: str, part: Resource) -> None:
        super().__init__(BooleanField())
        self.column: Any = F("folded")
        self.part = made_of_all({CONNECTION_KEY: provider_id, **part}, _as_json)

    def get_source_expressions(self) -> list[Any]:
        """Return the column, so that Django resolves it."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved column."""
        (self.column,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return PostgreSQL's operator."""
        return f"({compiler.compile(self.column)[0]} @> %s::jsonb)", [self.part]


def _as_json(document: Resource) -> str:
    return orjson.dumps(document).decode()
