"""Which fields of a project's model have to be given a value, or no row can be stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import AutoField, Field, Model, UniqueConstraint
from django.db.models.fields import NOT_PROVIDED


def fields_without_value(model: type[Model], given: Collection[str]) -> list[str]:
    """Return the names of the fields that stay without the value they need.

    ``given`` are the names of those that get one. An empty text is a value, unless it has to be
    unique: only one row can have it. What a field fills in itself, before it is saved, is given.
    """
    return [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in given and field.attname not in given and not _is_filled(field)
    ]


def _is_filled(field: Field[Any, Any]) -> bool:
    if field.null or field.has_default() or isinstance(field, AutoField):
        return True
    if getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
        return True
    if getattr(field, "generated", False) or getattr(field.remote_field, "parent_link", False):
        return True
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return True
    if not type(field).pre_save.__module__.startswith("django.db.models."):
        return True  # it makes its own value, as fields for slugs do
    return field.empty_strings_allowed and not _is_unique(field)


def _is_unique(field: Field[Any, Any]) -> bool:
    alone = any(
        isinstance(each, UniqueConstraint) and each.fields == (field.name,) and not each.condition
        for each in field.model._meta.constraints
    )
    return field.unique or alone
