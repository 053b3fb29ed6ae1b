"""Which of the indexes are there that a command makes, and no migration.

They decide about the SQL of filters and their time limits. What is found is remembered: for good
where an index is there, for some minutes where it is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import count
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, connections

from django_scim_provider.storage.sql.vendors import vendor_of

Given = ParamSpec("Given")
Result = TypeVar("Result")

PREFIX = "scim_"
"""What all their names begin with."""
_ASKED_AGAIN = 300.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class _Found:
    names: frozenset[str]
    until: float


_known: dict[tuple[str, str], _Found] = {}
_generations = count(1)
_generation = 0


def is_there(using: str, name: str) -> bool:
    """Tell whether an index is there and in use; a new one is seen after some minutes."""
    connection = connections[using]
    key = using, str(connection.settings_dict["NAME"])
    found = _known.get(key)
    if found is None or (name not in found.names and time.monotonic() >= found.until):
        indexes = vendor_of(using).named_indexes(connection, PREFIX)
        names = frozenset(each.name for each in indexes if each.is_valid)
        if found is None or names != found.names:
            _next_generation()
        found = _known[key] = _Found(names, time.monotonic() + _ASKED_AGAIN)
    return name in found.names


def generation() -> int:
    """Return a number that is another one after each change of what is known."""
    return _generation


def forget() -> None:
    """Ask again at the next filter."""
    _known.clear()
    _next_generation()


def again_where_dropped(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Make a function that reads be called again where it named the column of a dropped index."""

    @wraps(work)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return work(*args, **kwargs)
        except DatabaseError as error:
            if not any(vendor_of(using).lacks_column(error) for using, _ in _known):
                raise
            forget()
            return work(*args, **kwargs)

    return called


def _next_generation() -> None:
    global _generation
    _generation = next(_generations)


def table_and_column(model: Any, name: str) -> tuple[str, str]:
    """Return the names of a model's table and of one of its columns."""
    return str(model._meta.db_table), str(model._meta.get_field(name).column)
