"""The fields of the project's user model."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import CharField, Field

from django_scim_provider.core.errors import InvalidValue


def user_model_fields() -> dict[str, str]:
    """Return which of the well-known fields the user model has, by what they are for."""
    return _fields_of(get_user_model())


@cache
def _fields_of(model: Any) -> dict[str, str]:
    wanted = {
        "email": model.get_email_field_name(),
        "first_name": "first_name",
        "last_name": "last_name",
        "is_active": "is_active",
    }
    return {purpose: name for purpose, name in wanted.items() if _field(model, name) is not None}


def _field(model: Any, name: str) -> Field[Any, Any] | None:
    """Return a field that has a column; None for anything else of that name."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def refuse_too_long(field: Any, value: Any) -> None:
    """Refuse a text that its field cannot hold.

    Raises:
        InvalidValue: naming the field.
    """
    if isinstance(field, CharField) and field.max_length and len(str(value)) > field.max_length:
        limit = field.max_length
        raise InvalidValue(f"The value for {field.name} is longer than {limit} characters.")


def is_same(user: Any, name: str, value: Any) -> bool:
    """Tell whether an attribute of a user has a value already, in whatever spelling of it.

    A number may be given as a text, a row by its key; no related row is read.
    """
    field = _field(user, name)
    if field is None:
        return bool(getattr(user, name) == value)
    if field.is_relation:
        return bool(getattr(user, field.attname) == getattr(value, "pk", value))
    try:
        return bool(getattr(user, name) == field.to_python(value))
    except ValidationError:
        return False
