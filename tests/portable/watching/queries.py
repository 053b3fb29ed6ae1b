"""What is forbidden in a query of the ORM: in the query itself, and in each node it compiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast

from django.db.models import CharField, Count, Exists, Field, Func, JSONField, Lookup, Subquery
from django.db.models.expressions import Col, RawSQL
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import In, IsNull
from django.db.models.sql import AggregateQuery, Query
from django.db.models.sql.subqueries import DeleteQuery, InsertQuery, UpdateQuery
from django.db.models.sql.where import ExtraWhere

from tests.portable.constructs import Construct

Finding = tuple[Construct, str]
_OWN = "django_scim_provider."
_WITHOUT_FORM = frozenset(
    {
        "Chr",
        "Collate",
        "LPad",
        "MD5",
        "Ord",
        "RPad",
        "Repeat",
        "Reverse",
        "SHA1",
        "SHA256",
        "Window",
    }
)
"""What of Django's django-mongodb-backend has no operator for."""


def of_query(query: Any) -> Iterator[Finding]:
    """Yield what is forbidden in a query that is going to run, but for its nodes."""
    name, parts = _name(query), cast(Any, query)  # the stubs lack what is read of writes
    if isinstance(query, InsertQuery):
        conflict = getattr(parts.on_conflict, "name", None)
        if conflict is not None:
            yield Construct[f"{conflict}_CONFLICTS"], name
        fields = list(parts.fields)
        yield from _too_long(
            (field, getattr(row, field.attname, None)) for row in parts.objs for field in fields
        )
    elif isinstance(query, AggregateQuery):
        kinds = {type(each) for each in query.annotation_select.values()}
        if query.inner_query.is_sliced and kinds - {Count}:
            yield Construct.SLICED_AGGREGATE, _name(query.inner_query)
        yield from of_query(query.inner_query)
    elif isinstance(query, UpdateQuery):
        if joins(query):
            yield Construct.UPDATE_WITH_JOIN, name
        yield from _too_long((field, value) for field, _, value in parts.values)
    elif isinstance(query, DeleteQuery):
        if joins(query):
            yield Construct.DELETE_WITH_JOIN, name
    else:
        yield from of_subquery(query)
        yield from (
            (Construct.VALUES_OVER_RELATION, f"{name} to {column.target}")
            for column in query.select
            if isinstance(column, Col) and column.alias != query.base_table
        )


def of_query_in_a_transaction(query: Any) -> Iterator[Finding]:
    """Yield what is forbidden besides where a transaction of the app's is under way."""
    told = isinstance(query, AggregateQuery) or (
        query.group_by is None
        and any(each.contains_aggregate for each in query.annotation_select.values())
    )
    if told:
        yield Construct.COUNT_IN_TRANSACTION, _name(query)


def of_node_in_a_transaction(node: Any) -> Iterator[Finding]:
    """Yield what is forbidden besides in one node."""
    if isinstance(node, In) and isinstance(getattr(node.rhs, "query", node.rhs), Query):
        yield Construct.IN_ROWS_IN_TRANSACTION, type(node).__name__


def of_subquery(query: Query) -> Iterator[Finding]:
    """Yield what is forbidden in a SELECT wherever it stands, but for its nodes."""
    name = _name(query)
    if query.extra or query.extra_tables or query.extra_order_by:
        yield Construct.RAW_SQL, f"extra() of {name}"
    if query.select_for_update_of:
        yield Construct.LOCK_OF, name
    if query.distinct_fields:
        yield Construct.DISTINCT_ON, name
    for aggregate in query.annotation_select.values():
        if aggregate.contains_aggregate and any(map(_is_subquery, _parts_of(aggregate))):
            yield Construct.SUBQUERY_IN_AGGREGATE, name
    if query.combinator in ("difference", "intersection"):
        yield Construct.COMBINATION, name
    if query.combinator == "union" and any(each.group_by for each in query.combined_queries):
        yield Construct.GROUPED_UNION, name
    for part in query.combined_queries:
        yield from of_subquery(part)


def _parts_of(expression: Any) -> Iterator[Any]:
    """Yield an expression and all that is beneath it, conditions as well."""
    yield expression
    beneath: list[Any] = getattr(expression, "get_source_expressions", list)()
    for part in (*beneath, *getattr(expression, "children", ())):
        yield from _parts_of(part)


def _is_subquery(part: Any) -> bool:
    return isinstance(part, (Subquery, Query))


def joins(query: Query) -> bool:
    """Tell whether a query needs rows of another table."""
    return sum(query.alias_refcount[alias] > 0 for alias in query.alias_map) > 1


def of_node(node: Any) -> Iterator[Finding]:
    """Yield what is forbidden in one node that a compiler compiles, but for those beneath it."""
    kind = type(node)
    if (construct := _of_type(kind)) is not None:  # type: ignore[arg-type]  # a class has a hash
        yield construct, kind.__name__
    if isinstance(node, Subquery):
        yield Construct.SUBQUERY, f"{kind.__name__} of {_name(node.query)}"
        yield from of_subquery(node.query)
    elif isinstance(node, Query):
        yield Construct.SUBQUERY, f"of {_name(node)}"
        yield from of_subquery(node)
    elif isinstance(node, Lookup):
        rhs = getattr(node.rhs, "query", node.rhs)
        if isinstance(node, In) and isinstance(rhs, Query) and rhs.is_sliced:
            yield Construct.SLICED_SUBQUERY, f"of {_name(rhs)}"
        field = getattr(node.lhs, "output_field", None)
        if isinstance(field, JSONField) and not isinstance(node, IsNull):
            yield Construct.JSON_LOOKUP, f"{kind.__name__} of {field}"


@cache
def _of_type(kind: Any) -> Construct | None:
    if issubclass(kind, (RawSQL, ExtraWhere)):
        return Construct.RAW_SQL
    if issubclass(kind, KeyTransform):
        return Construct.JSON_LOOKUP
    if kind is Func:
        return Construct.OWN_SQL
    if any(base.__module__.startswith(_OWN) and _is_sql(base) for base in kind.__mro__):
        return Construct.OWN_SQL
    if kind.__module__.startswith("django.db.") and kind.__name__ in _WITHOUT_FORM:
        return Construct.UNKNOWN_FUNCTION
    return None


def _is_sql(kind: type) -> bool:
    own = vars(kind)
    if any(name.startswith("as_mql") for name in own) or issubclass(kind, (Exists, Field)):
        return False
    return any(name.startswith("as_") or name in ("function", "template") for name in own)


def _too_long(values: Iterable[tuple[Any, Any]]) -> Iterator[Finding]:
    for field, value in values:
        limit = field.max_length if isinstance(field, CharField) else None
        if limit is not None and isinstance(value, str) and len(value) > limit:
            yield Construct.TOO_LONG, f"{field}: {len(value)} of {limit}"


def _name(query: Any) -> str:
    model = getattr(query, "model", None)
    return model.__name__ if model is not None else "?"
