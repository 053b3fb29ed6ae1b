"""Names and numbers in the form in which they stand in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

_NAME = re.compile(r"[\w$:.^-]+", re.ASCII)
_MAX_MILLISECONDS = 2**31 - 1
"""PostgreSQL and MySQL keep their limits in a signed integer of 32 bits."""


def checked_names(names: Iterable[str]) -> list[str]:
    """Return names of attributes that are safe as literals in SQL.

    Raises:
        ImproperlyConfigured: a schema of the project's has a name that is not safe.
    """
    found = list(names)
    for name in found:
        if not _NAME.fullmatch(name):
            raise ImproperlyConfigured(f"{name!r} cannot be the name of an attribute.")
    return found


def milliseconds(seconds: float) -> int:
    """Return a time limit as databases take it: 0 would mean that there is none."""
    return min(max(1, round(seconds * 1000)), _MAX_MILLISECONDS)
