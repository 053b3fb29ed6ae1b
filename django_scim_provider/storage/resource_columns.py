"""The columns that a store of the project's own declares for filters and sorting.

A column answers for an attribute where the database compares it as the protocol does: that depends
on the type of the field, its collation, and on whether it can say that there is no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import models

from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import STRICT
from django_scim_provider.core.schemas.definitions import ResourceType, Target
from django_scim_provider.models.fields import ExactCharField, FoldedKeyField
from django_scim_provider.storage.sql.columns.declared import Column, Columns
from django_scim_provider.storage.sql.columns.text_columns import IdColumn, TextColumn
from django_scim_provider.storage.sql.columns.value_columns import (
    BooleanColumn,
    DateColumn,
    NumberColumn,
)

_OF_ALL: Mapping[str, Column] = {
    "id": IdColumn("scim_id", sort="scim_id"),
    "externalId": TextColumn("external_id", sort="external_id"),
    "meta.created": DateColumn("created_at", sort="created_at"),
    "meta.lastModified": DateColumn("last_modified", sort="last_modified"),
}
"""What each subclass of ``AbstractResource`` has."""
_NEEDED: Mapping[str, type[models.Field[Any, Any]]] = {
    "integer": models.IntegerField,
    "decimal": models.FloatField,
    "boolean": models.BooleanField,
    "dateTime": models.DateTimeField,
}


@cache
def columns_of(store: type[Any], resource_type: ResourceType) -> Columns:
    """Return the columns of a resource type: those of all, and those that its store declares.

    ``store`` is a subclass of ``ModelStore``.

    Raises:
        ImproperlyConfigured: a declared column cannot answer for its attribute.
    """
    for problem in problems_of(store, resource_type):
        raise ImproperlyConfigured(problem)
    declared = (
        _column(_target(path, resource_type), _field(store, name))
        for path, name in store.columns.items()
    )
    return Columns({**_OF_ALL, **dict(declared)})


def problems_of(store: type[Any], resource_type: ResourceType) -> Iterator[str]:
    """Yield why declared columns cannot answer for their attributes."""
    for path, name in store.columns.items():
        problem = _problem(store, resource_type, path, name)
        if problem is not None:
            yield f"{store.__qualname__}.columns[{path!r}]: {problem}"


def _problem(store: type[Any], resource_type: ResourceType, path: str, name: str) -> str | None:
    try:
        target, field = _target(path, resource_type), _field(store, name)
    except LookupError:
        return f"{resource_type.name} has no attribute {path!r}."
    except FieldDoesNotExist:
        return f"{store.model._meta.label} has no field {name!r}."
    if str(target) in _OF_ALL:
        return "has a column already."
    leaf = target.leaf
    if leaf.type == "complex" or target.attribute.multi_valued or leaf.multi_valued:
        return "only a simple, single value has a column."
    written = store.fields.get(str(target))
    if _is_folded(target):
        if not isinstance(field, FoldedKeyField):
            return f"{name!r} must be a FoldedKeyField, as the attribute is not caseExact."
        name = field.source
    elif leaf.type in _NEEDED and not isinstance(field, _NEEDED[leaf.type]):
        return (
            f"{name!r} must be of {_NEEDED[leaf.type].__name__}, as the attribute is {leaf.type}."
        )
    elif leaf.type not in _NEEDED and not _is_exact(field):
        return f"{name!r} must be an ExactCharField, as the attribute is caseExact."
    if written is not None and written != name:
        return f"the attribute is written to {written!r}, not to {name!r}."
    if not field.null and not (target.attribute.required and leaf.required):
        return "the field must have null=True, as the attribute need not have a value."
    return None


def _target(path: str, resource_type: ResourceType) -> Target:
    """Return what a path names.

    Raises:
        LookupError: no attribute of the type.
    """
    parsed = parse_attribute_path(path)
    # By its whole name, as the store knows it: a second extension must not change what it means.
    found = None if parsed is None else resource_type.attribute(parsed.urn, parsed.name)
    target = resolve(parsed, resource_type, STRICT) if parsed is not None and found else None
    if target is None:
        raise LookupError(path)
    return target


def _field(store: type[Any], name: str) -> Any:
    return store.model._meta.get_field(name)


def _is_folded(target: Target) -> bool:
    return target.leaf.type == "string" and not target.leaf.case_exact


def _is_exact(field: Any) -> bool:
    return isinstance(field, ExactCharField) and not isinstance(field, FoldedKeyField)


def _column(target: Target, field: Any) -> tuple[str, Column]:
    name, kind = field.name, target.leaf.type
    column: Column
    if kind == "boolean":
        column = BooleanColumn(name)
    elif kind == "dateTime":
        column = DateColumn(name, sort=name, nullable=field.null)
    elif kind in _NEEDED:
        column = NumberColumn(name, sort=name, whole=kind == "integer")
    else:
        column = TextColumn(name, sort=name)
    return str(target), column
