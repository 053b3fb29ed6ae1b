"""One set of attributes with every characteristic, in each place that a project can declare it."""

from __future__ import annotations

from typing import ClassVar

from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
    SchemaExtension,
)
from tests.inventory.models import Scanner

ATTRIBUTES = (
    Attribute(name="code", required=True),
    Attribute(name="note"),
    Attribute(
        name="contact",
        type="complex",
        sub_attributes=(Attribute(name="name", required=True), Attribute(name="phone")),
    ),
    Attribute(
        name="labels",
        type="complex",
        multi_valued=True,
        sub_attributes=(
            Attribute(name="text", required=True),
            Attribute(name="colour"),
            Attribute(name="weight", type="integer"),
        ),
    ),
    Attribute(name="badge", uniqueness="server", case_exact=True),
    Attribute(name="alias", uniqueness="global"),
    Attribute(name="locker", type="decimal", uniqueness="server"),
    Attribute(name="since", type="dateTime", uniqueness="server"),
    Attribute(name="keys", multi_valued=True, uniqueness="server"),
    Attribute(
        name="cards",
        type="complex",
        multi_valued=True,
        sub_attributes=(Attribute(name="number", uniqueness="server"), Attribute(name="kind")),
    ),
    Attribute(
        name="desk",
        type="complex",
        sub_attributes=(Attribute(name="plate", uniqueness="server"), Attribute(name="room")),
    ),
)


def _extension(kind: str) -> Schema:
    urn = f"urn:example:params:scim:schemas:extension:traits:2.0:{kind}"
    return Schema(id=urn, name=f"{kind}Traits", attributes=ATTRIBUTES)


USER_TRAITS, GROUP_TRAITS, ASSET_TRAITS = map(_extension, ("User", "Group", "Asset"))
NEEDED_TRAITS = SchemaExtension(schema=USER_TRAITS, required=True)
NEEDED_GROUP_TRAITS = SchemaExtension(schema=GROUP_TRAITS, required=True)


class AssetStore(ModelStore):
    """Assets, in the table of scanners."""

    model = Scanner
    fields: ClassVar = {"serialNumber": "serial_number"}


def _assets(
    name: str, attributes: tuple[Attribute, ...], *extensions: SchemaExtension
) -> Registration:
    return Registration(
        resource_type=ResourceType(
            name=name,
            endpoint=f"/{name}s",
            schema=Schema(
                id=f"urn:example:params:scim:schemas:core:2.0:{name}",
                name=name,
                attributes=(Attribute(name="serialNumber", required=True), *attributes),
            ),
            extensions=extensions,
        ),
        store=AssetStore,
    )


ASSETS = _assets("Asset", ATTRIBUTES)
TOOLS = _assets("Tool", (), SchemaExtension(schema=ASSET_TRAITS))
NEEDING_TOOLS = _assets("Need", (), SchemaExtension(schema=ASSET_TRAITS, required=True))
