"""The order of a query in Python: it is that of ``storage.sql.paging``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from django_scim_provider.core.folding import SORT_MARK
from django_scim_provider.core.schemas.definitions import Resource, Target
from django_scim_provider.core.stores import Position
from django_scim_provider.models.moments import utc

Place = tuple[Any, ...]
"""What compares as the resources are ordered."""


class _Reversed:
    """A value that comes before those that are less."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and bool(self.value == other.value)

    def __lt__(self, other: _Reversed) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]  # nobody looks it up


@dataclass(frozen=True, slots=True)
class Order:
    """Values ascending, then those that have none; or the other way round. Ties go by key."""

    descending: bool = False

    def place(self, value: Any, key: UUID) -> Place:
        """Return what sorts a resource."""
        if isinstance(value, datetime):
            value = utc(value)  # naive times are compared without their ``fold``
        if value is None:
            return not self.descending, "", key
        return self.descending, _Reversed(value) if self.descending else value, key

    def place_of(self, position: Position, *, is_moment: bool) -> Place:
        """Return what sorts the resource that a cursor names."""
        value: Any = position.key
        if is_moment and value is not None:
            value = datetime.fromisoformat(str(value))
        return self.place(value, UUID(position.id))


def plain(value: Any) -> str | int | float | None:
    """Return a value as a cursor holds it."""
    return utc(value).isoformat() if isinstance(value, datetime) else value


def sorted_by(target: Target, folded: Resource) -> str | float | None:
    """Return the value of a folded document; None where the attribute is unassigned.

    What an earlier schema had as a number is a text in an order of texts, and comes with those
    that have none the other way round.
    """
    held: Any = folded.get(target.extension) if target.extension else folded
    name, sub = target.attribute.name, target.sub and target.sub.name
    if target.attribute.multi_valued:
        name, sub = name + SORT_MARK, sub or "value"
    for each in (name, sub):
        if each is not None:
            held = held.get(each) if isinstance(held, dict) else None
    if target.leaf.type in ("integer", "decimal"):
        return float(held) if isinstance(held, int | float) else None
    if held is None or isinstance(held, str):
        return held
    return orjson.dumps(held).decode()
