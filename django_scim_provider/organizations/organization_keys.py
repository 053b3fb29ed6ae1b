"""Organization ids as the keys that the project's models have."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import Field, IntegerField


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
