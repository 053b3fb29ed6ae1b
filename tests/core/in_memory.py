"""A ``ResourceStore`` in a dictionary: the store contract's oracle, the engine's test bed."""

from __future__ import annotations

import functools
import itertools
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

import orjson

from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.core.filters.matching import matches
from django_scim_provider.core.folding import fold, fold_resource
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stores import Change, Page, Position, Query, Sort, Stored


class InMemoryStore:
    """Holds users of one connection; ids are made in creation order."""

    supports_sort: ClassVar[bool] = True
    relation: ClassVar[str | None] = None
    patch_returns_resource: ClassVar[bool] = True

    def __init__(self, resource_type: ResourceType = USER) -> None:
        self.resource_type = resource_type
        self.rows: dict[str, Stored] = {}
        self.numbers = itertools.count(1)

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the stored resource."""
        return self.rows.get(id)

    def create(self, resource: Resource) -> tuple[Stored, bool]:
        """Store under the next id."""
        resource.setdefault("active", True)
        self._check_unique(resource, None)
        id = str(uuid.UUID(int=next(self.numbers)))
        self.rows[id] = self._stored(id, 1, resource)
        return self.rows[id], True

    def update(self, id: str, change: Change) -> Stored | None:
        """Store what the change returns under the next version."""
        current = self.rows.get(id)
        if current is None:
            return None
        before = _content(current)
        resource = change(current)
        for name in ("id", "meta", "groups"):
            resource.pop(name, None)
        self._check_unique(resource, id)
        if resource != before:
            self.rows[id] = self._stored(id, current.version + 1, resource)
        return self.rows[id]

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Forget the resource."""
        if id not in self.rows:
            return False
        check(self.rows[id])
        del self.rows[id]
        return True

    def query(self, query: Query) -> Page:
        """Filter, sort and cut in Python."""
        rows = [(stored, self._folded(stored)) for stored in self.rows.values()]
        rows = [row for row in rows if query.filter is None or matches(query.filter, row[1])]
        if query.sort is not None:
            sort = query.sort

            def order(a: tuple[Stored, Resource], b: tuple[Stored, Resource]) -> int:
                return _compare(a[1], b[1], sort)

            rows.sort(key=functools.cmp_to_key(order))
        total = len(rows) if query.count_total else None
        start = query.offset
        if query.after is not None:
            start = next(i for i, row in enumerate(rows) if row[0].id == query.after.id) + 1
        shown = rows[start : start + query.limit]
        following = None
        if query.by_cursor and shown and start + query.limit < len(rows):
            key = _sort_key(shown[-1][1], query.sort) if query.sort else None
            following = Position(shown[-1][0].id, key)
        return Page([stored.text for stored, _ in shown], total, following)

    def _stored(self, id: str, version: int, resource: Resource) -> Stored:
        kept = {k: v for k, v in resource.items() if k != "password"}
        meta = {
            "resourceType": self.resource_type.name,
            "created": "2026-01-02T03:04:05.000Z",
            "lastModified": f"2026-01-02T03:04:05.{version:03d}Z",
            "version": f'W/"{version}"',
        }
        return Stored(id, version, orjson.dumps({"id": id, **kept, "meta": meta}).decode())

    def _folded(self, stored: Stored) -> Resource:
        folded: Resource = fold_resource(stored.resource(), self.resource_type)
        return folded

    def _check_unique(self, resource: Resource, own: str | None) -> None:
        for id, stored in self.rows.items():
            other = stored.resource()
            same_name = fold(other["userName"]) == fold(resource["userName"])
            if id != own and same_name:
                raise Uniqueness("userName is already in use.")


def _content(stored: Stored) -> Resource:
    return {k: v for k, v in stored.resource().items() if k not in ("id", "meta")}


def _sort_key(folded: Resource, sort: Sort) -> Any:
    target = sort.target
    holder = folded.get(target.extension, {}) if target.extension else folded
    name = target.attribute.name
    held = holder.get(f"{name}^") if target.attribute.multi_valued else holder.get(name)
    if held is None:
        return None
    if target.sub is not None:
        return held.get(target.sub.name)
    return held.get("value") if target.attribute.multi_valued else held


def _compare(left: Resource, right: Resource, sort: Sort) -> int:
    a, b = _sort_key(left, sort), _sort_key(right, sort)
    if a == b:
        return -1 if left["id"] < right["id"] else 1
    last = a is None or (b is not None and a > b)
    order = 1 if last else -1
    return -order if sort.descending else order
