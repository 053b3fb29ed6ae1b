"""Organizations as rows of the project's: their keys, and how they are found by name."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import CharField, Field, IntegerField, Q, QuerySet


def organization_key(field: Field[Any, Any], organization_id: str, *, using: str) -> Any | None:
    """Return an organization id as the field has it; None for what cannot be one.

    A number that its column cannot hold is none: databases raise where they are asked for it.
    """
    try:
        key = field.to_python(organization_id)
    except ValidationError:
        return None
    if isinstance(field, IntegerField):
        bounds: Any = connections[using].ops.integer_field_range(field.get_internal_type())
        least, most = bounds  # None where a database knows no bound
        if (least is not None and key < least) or (most is not None and key > most):
            return None
    return key


def found_rows(rows: QuerySet[Any], key: Field[Any, Any], text: str, limit: int) -> dict[str, str]:
    """Return the names of the first rows whose short texts hold a text, or whose key it is.

    The texts are the columns that are ``CharField`` without choices; rows come in the order of the
    first of them.
    """
    texts = [
        field.attname
        for field in rows.model._meta.concrete_fields
        if isinstance(field, CharField) and not field.choices and not field.is_relation
    ]
    condition = Q()
    for name in texts if text else ():
        condition |= Q(**{f"{name}__icontains": text})
    exact = organization_key(key, text, using=rows.db) if text else None
    if exact is not None:
        condition |= Q(**{key.attname: exact})
    elif text and not texts:
        return {}
    ordered = rows.filter(condition).order_by(*texts[:1], key.attname)
    return {str(getattr(row, key.attname)): str(row) for row in ordered[:limit]}
