"""Rows that somebody else may store at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.models import QuerySet


def create_unless_there(
    rows: QuerySet[Any], values: dict[str, Any], is_there: Callable[[], bool]
) -> bool:
    """Store a row of the project's or of a package, and tell whether it is this one.

    It is called for what was not there when it was looked for. Where a database has no savepoints
    (MongoDB), nobody goes on after a refusal: the transaction ends, and whoever runs all of it
    again finds the row.

    Raises:
        IntegrityError: the row is refused, and not because it is there.
    """
    if not connections[rows.db].features.uses_savepoints:
        rows.create(**values)
        return True
    try:
        with transaction.atomic(using=rows.db):
            rows.create(**values)
    except IntegrityError:
        if not is_there():
            raise
        return False
    return True
