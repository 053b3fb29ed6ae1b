"""A resource type over a store of the project's own, which keeps no rows of the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import orjson

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stores import Change, Page, Query, Stored
from django_scim_provider.resources import Attribute, Registration, ResourceType, Schema
from django_scim_provider.storage.store_context import StoreContext

BADGE_URN = "urn:example:params:scim:schemas:core:2.0:Badge"


class BadgeStore:
    """Keeps the docstrings of ``ResourceStore``, for the one connection of the tests."""

    supports_sort: ClassVar[bool] = True
    relation: ClassVar[str | None] = None
    patch_returns_resource: ClassVar[bool] = True
    next_id: ClassVar[str] = "1"
    kept: ClassVar[dict[str, Stored]] = {}
    total: ClassVar[Any] = None
    """What ``query`` says there are; None: as many as there are."""

    def __init__(self, context: StoreContext, resource_type: ResourceType) -> None:
        self.resource_type = resource_type

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        return self.kept.get(id)

    def query(self, query: Query) -> Page:
        texts = [stored.text for stored in self.kept.values()]
        total = len(texts) if self.total is None else self.total
        return Page(texts[query.offset : query.offset + query.limit], total)

    def create(self, resource: Resource) -> tuple[Stored, bool]:
        return self._keep(self.next_id, 1, resource), True

    def update(self, id: str, change: Change) -> Stored | None:
        held = self.kept.get(id)
        return None if held is None else self._keep(id, held.version + 1, change(held))

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        held = self.kept.get(id)
        if held is not None:
            check(held)
            del self.kept[id]
        return held is not None

    def _keep(self, id: str, version: int, resource: Resource) -> Stored:
        meta = {"resourceType": "Badge", "version": f'W/"{version}"'}
        text = orjson.dumps({"id": id, **resource, "meta": meta}).decode()
        self.kept[id] = Stored(id, version, text)
        return self.kept[id]


BADGES = Registration(
    resource_type=ResourceType(
        name="Badge",
        endpoint="/Badges",
        schema=Schema(
            id=BADGE_URN, name="Badge", attributes=(Attribute(name="label", required=True),)
        ),
    ),
    store=BadgeStore,
)
