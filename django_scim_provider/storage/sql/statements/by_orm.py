"""Statements of the app's own by the ORM, for databases that no SQL is written for.

A part of what is written together, or a question, is then a call instead of a text and parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from django.db.models import Model

from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.storage.sql.vendors.causes import Overtaken

Key = TypeVar("Key")
BATCH = 500
"""Rows of one insertion, and keys of one look-up."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the ORM does, or answers, when it comes to it."""

    run: Callable[[], Any]


Part: TypeAlias = SQL | Call
"""What is written, or asked, with other things."""


def batched(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """Yield as many keys at a time as go into one look-up."""
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def insert_rows(
    model: type[Model], using: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]
) -> int:
    """Store rows, and return how many."""
    names = _attributes(model, tuple(columns))
    made = [model(**{attribute: row[name] for name, attribute in names.items()}) for row in rows]
    for each in made:
        each._state.db = using
    model._base_manager.using(using).bulk_create(made, batch_size=BATCH)
    return len(made)


def update_row(
    model: type[Model], using: str, key: Any, values: Mapping[str, Any], columns: Sequence[str]
) -> None:
    """Write columns of one row, if nobody else has since it was read.

    Raises:
        Overtaken: its ``version`` is not the one before the new one.
    """
    given = {
        attribute: values[name] for name, attribute in _attributes(model, tuple(columns)).items()
    }
    rows = model._base_manager.using(using).filter(pk=key)
    version = given.get("version")
    if version is not None:
        rows = rows.filter(version=version - 1)
    if not rows.update(**given) and version is not None:
        raise Overtaken


def delete_rows(model: type[Model], using: str, column: str, value: Any) -> None:
    """Delete the rows that have a value in one column, which nothing refers to."""
    name = _attributes(model, (column,))[column]
    rows = model._base_manager.using(using).filter(**{name: value})
    rows._raw_delete(using)


@lru_cache(maxsize=128)
def _attributes(model: type[Model], columns: tuple[str, ...]) -> dict[str, str]:
    """Return the names under which an instance takes the values of columns: keys, not rows."""
    return {name: _attname(model, name) for name in columns}


def _attname(model: type[Model], name: str) -> str:
    found: Any = model._meta.get_field(name)
    return str(found.attname)
