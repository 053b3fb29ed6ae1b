"""A type with attributes of every sort, and stores that get some of them wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django_scim_provider.core.stores import Stored
from django_scim_provider.registry import Registry
from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
    SchemaExtension,
)
from tests.selfcheck.broken import Good, of

ATTRIBUTES = (
    Attribute(name="serialNumber", required=True, case_exact=True, mutability="immutable"),
    Attribute(name="floor", type="integer"),
    Attribute(name="tags", multi_valued=True),
    Attribute(name="kind", canonical_values=("laser", "ink")),
    Attribute(name="manual", type="reference"),
    Attribute(name="code", max_length=8),
    Attribute(name="secret", returned="never", mutability="writeOnly"),
    Attribute(name="hint", returned="request"),
    Attribute(name="counted", type="integer", mutability="readOnly"),
    Attribute(
        name="place",
        type="complex",
        sub_attributes=(
            Attribute(name="room"),
            Attribute(name="level", type="integer"),
            Attribute(name="mapped", mutability="readOnly"),
        ),
    ),
)
LEASE = SchemaExtension(
    schema=Schema(
        id="urn:example:params:scim:schemas:extension:lease:2.0:Scanner",
        name="Lease",
        attributes=(Attribute(name="number", required=True, case_exact=True),),
    ),
    required=True,
)


class KeepsFloors(Good):
    def update(self, id: str, change: Callable[[Stored], Any], **more: Any) -> Any:
        def kept(stored: Stored) -> Any:
            return {"floor": 7, **change(stored)}

        return super().update(id, kept, **more)


class NamesAll(Good):
    def create(self, resource: Any, **more: Any) -> Any:
        return super().create({"displayName": "Some", **resource}, **more)


def whole(store: type[ModelStore]) -> Registration:
    """Return a type with all of the attributes, and an extension that has to be there."""
    plain = of(store).resource_type
    schema = replace(plain.schema, id=f"{plain.schema.id}:whole", attributes=ATTRIBUTES)
    name = f"Whole{plain.name}"
    made: ResourceType = replace(
        plain, name=name, endpoint=f"/{name}", schema=schema, extensions=(LEASE,)
    )
    return Registration(resource_type=made, store=store)


WHOLE = whole(Good)
KEEPS_FLOORS = of(KeepsFloors)
NAMES_ALL = of(NamesAll)


class Elsewhere(Good):
    """Has no route."""


ELSEWHERE = of(Elsewhere)
ROUTES = Registry((WHOLE, KEEPS_FLOORS, NAMES_ALL))
