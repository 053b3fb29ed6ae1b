"""Conditions on the folded JSON document as SQL expressions.

Every condition has two values, never NULL, so that ``NOT`` inverts it, as it does in Python
(``core.filters.matching``).
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, FloatField
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
)
from django_scim_provider.core.filters.operators import SQL_SIGNS, Operator
from django_scim_provider.core.folding import SORT_MARK
from django_scim_provider.core.schemas.definitions import Attribute, Target
from django_scim_provider.models.fields import ExactTextField
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL, Vendor


class OnFolded(Expression):
    """An expression over the ``folded`` column, which ``document`` leads to."""

    def __init__(self, document: str, output_field: Any) -> None:
        super().__init__(output_field=output_field)
        self.column: Any = F(document)

    def get_source_expressions(self) -> list[Any]:
        """Return the column, so that Django resolves it."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved column."""
        (self.column,) = exprs


class FoldedCondition(OnFolded):
    """A bound filter, evaluated by the database on each row's folded document."""

    conditional: ClassVar[bool] = True

    def __init__(self, bound: BoundFilter, document: str) -> None:
        super().__init__(document, BooleanField())
        self.bound = bound

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the condition and its parameters."""
        document, _ = compiler.compile(self.column)
        return _compile(_RowScope(vendor_of(connection), document), self.bound)


class FoldedValue(OnFolded):
    """The value that a resource is sorted by: NULL where the attribute is unassigned."""

    def __init__(self, target: Target, document: str) -> None:
        super().__init__(document, FloatField() if _is_number(target.leaf) else ExactTextField())
        self.target = target

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the value; of a multi-valued attribute the primary or first one's."""
        document, _ = compiler.compile(self.column)
        target, vendor = self.target, vendor_of(connection)
        path = _path(target)
        if target.attribute.multi_valued:
            # Which value counts was settled when the document was written; SQL need not search.
            path[-1] += SORT_MARK
        if target.sub is not None or target.attribute.multi_valued:
            path.append(target.sub.name if target.sub else "value")
        value = vendor.text(document, path)
        return (vendor.number(value) if _is_number(target.leaf) else vendor.exact(value)), []


def path_of(target: Target) -> list[str]:
    """Return the keys that lead to a singular target from the root of a document."""
    return [*_path(target), *([target.sub.name] if target.sub else [])]


def _is_number(leaf: Attribute) -> bool:
    return leaf.type in ("integer", "decimal")


def _path(target: Target) -> list[str]:
    return [*([target.extension] if target.extension else []), target.attribute.name]


class _RowScope:
    """Targets are those of a whole resource."""

    def __init__(self, database: Vendor, document: str) -> None:
        self.database = database
        self.document = document

    def raw(self, target: Target) -> str:
        """Return what a singular target holds, NULL where it is unassigned."""
        return self.database.raw(self.document, self.path(target))

    def text(self, target: Target) -> str:
        """Return the text of a simple target."""
        return self.database.text(self.document, self.path(target))

    def path(self, target: Target) -> list[str]:
        """Return the keys that lead to a target."""
        return path_of(target)

    def any_element(self, target: Target, term: BoundFilter) -> SQL:
        """Return whether one element of a multi-valued attribute satisfies a relative term."""
        # In order, so that the same filter is always the same statement.
        subs = sorted(_names(term))
        table = self.database.elements(self.document, _path(target), subs)
        sql, params = _compile(_ElementScope(self.database), term)
        # EXISTS and no join: a resource with two such elements is still found once.
        return f"EXISTS (SELECT 1 FROM {table} WHERE {sql})", params  # noqa: S608 - no client text


class _ComplexScope(_RowScope):
    """Targets are the sub-attributes of a singular complex attribute."""

    def __init__(self, outer: _RowScope, target: Target) -> None:
        super().__init__(outer.database, outer.document)
        self.prefix = _path(target)

    def path(self, target: Target) -> list[str]:
        """Return the keys from the root of the document."""
        return [*self.prefix, target.attribute.name]


class _ElementScope(_RowScope):
    """Targets are the sub-attributes of one element of a list."""

    def __init__(self, database: Vendor) -> None:
        super().__init__(database, "")

    def raw(self, target: Target) -> str:
        """Return the sub-attribute."""
        return self.database.element_text(target.attribute.name)

    text = raw


def _names(bound: BoundFilter) -> set[str]:
    """Return the sub-attributes that a relative term looks at."""
    if isinstance(bound, BoundAnd | BoundOr):
        return set().union(*(_names(term) for term in bound.terms))
    if isinstance(bound, BoundNot):
        return _names(bound.term)
    return {bound.target.attribute.name}


def _compile(scope: _RowScope, bound: BoundFilter) -> SQL:
    match bound:
        case BoundAnd(terms):
            return _joined(scope, " AND ", terms)
        case BoundOr(terms):
            return _joined(scope, " OR ", terms)
        case BoundNot(term):
            sql, params = _compile(scope, term)
            return f"(NOT {sql})", params
        case BoundPresent(target):
            return _present(scope, target)
        case BoundValuePath(target, term):
            if target.attribute.multi_valued:
                return scope.any_element(target, term)
            sql, params = _compile(_ComplexScope(scope, target), term)
            # A term with ``not`` would hold for an attribute that is not there.
            return f"({scope.raw(target)} IS NOT NULL AND {sql})", params
        case BoundComparison(target, op, value):
            return _comparison(scope, target, op, value)


def _joined(scope: _RowScope, joiner: str, terms: tuple[BoundFilter, ...]) -> SQL:
    parts = [_compile(scope, term) for term in terms]
    sql = joiner.join(sql for sql, _ in parts)
    return f"({sql})", [param for _, params in parts for param in params]


def _present(scope: _RowScope, target: Target) -> SQL:
    # A list in a folded document is never empty, so that to be there is to be assigned.
    if target.attribute.multi_valued and target.sub is not None:
        return scope.any_element(target, BoundPresent(Target(target.sub)))
    return f"({scope.raw(target)} IS NOT NULL)", []


def _comparison(scope: _RowScope, target: Target, op: Operator, value: Any) -> SQL:
    if target.attribute.multi_valued:
        sub = Target(target.sub or Attribute(name="value", type=target.attribute.type))
        # ``ne`` holds for what is unassigned, but an element without the sub-attribute is no value.
        term = BoundAnd((BoundPresent(sub), BoundComparison(sub, op, value)))
        return scope.any_element(target, term)
    text = scope.text(target)
    wanted = "eq" if op == "ne" else op
    if _is_number(target.leaf):
        number = scope.database.number(text, beside=value)
        sql, params = f"{number} {SQL_SIGNS[wanted]} %s", [value]
    else:
        sql, params = scope.database.compare(text, wanted, cast(str, value))
    # To compare with what is unassigned gives NULL, which neither NOT nor AND would bring back.
    sql = f"COALESCE({sql}, FALSE)"
    return (f"(NOT {sql})" if op == "ne" else sql), params
