"""One set of attributes with every characteristic, in each place that a project can declare it."""

from __future__ import annotations

from typing import Any, ClassVar

from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
    SchemaExtension,
)
from tests.inventory.models import Licence, Scanner

ATTRIBUTES = (
    Attribute(name="code", required=True),
    Attribute(name="note"),
    Attribute(name="size", canonical_values=("small", "large")),
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
        sub_attributes=(
            Attribute(name="plate", uniqueness="server"),
            Attribute(name="room"),
            Attribute(name="floor", mutability="readOnly"),
        ),
    ),
    Attribute(name="issued", mutability="readOnly", required=True),
    Attribute(name="hired", mutability="immutable"),
    Attribute(name="ranks", mutability="immutable", multi_valued=True),
    Attribute(
        name="origin",
        type="complex",
        sub_attributes=(
            Attribute(name="country", mutability="immutable"),
            Attribute(name="town"),
        ),
    ),
    Attribute(
        name="seats",
        type="complex",
        multi_valued=True,
        sub_attributes=(
            Attribute(name="row", mutability="immutable"),
            Attribute(name="note"),
        ),
    ),
    Attribute(name="pin", mutability="writeOnly"),
    Attribute(name="secret", returned="never"),
    Attribute(name="hint", returned="request"),
    Attribute(
        name="door",
        type="complex",
        sub_attributes=(
            Attribute(name="name"),
            Attribute(name="code", returned="never"),
            Attribute(name="phrase", mutability="writeOnly"),
            Attribute(name="advice", returned="request"),
            Attribute(name="side", returned="always"),
        ),
    ),
    Attribute(
        name="safes",
        type="complex",
        multi_valued=True,
        sub_attributes=(
            Attribute(name="name"),
            Attribute(name="code", returned="never"),
            Attribute(name="advice", returned="request"),
        ),
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


class IssuingStore(AssetStore):
    """Says itself what is readOnly."""

    def create(self, resource: Any, *, scim_id: str | None = None) -> Any:
        """Number what is new."""
        resource["issued"] = "I-1"
        resource["desk"] = {**resource.get("desk", {}), "floor": "third"}
        return super().create(resource, scim_id=scim_id)


def _assets(
    name: str,
    attributes: tuple[Attribute, ...],
    *extensions: SchemaExtension,
    store: type[ModelStore] = AssetStore,
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
        store=store,
    )


class HidingStore(AssetStore):
    """Shows nothing of what it holds."""

    @property
    def rows(self) -> Any:
        """Return no rows."""
        return super().rows.none()


class LicenceStore(ModelStore):
    """Licences, whose names a constraint on a folded key keeps unique."""

    model = Licence
    fields: ClassVar = {"serialNumber": "name"}


ASSETS = _assets("Asset", ATTRIBUTES)
LICENCES = _assets("Licence", (), store=LicenceStore)
HIDDEN = _assets("Hidden", ATTRIBUTES, store=HidingStore)
ISSUES = _assets("Issue", ATTRIBUTES, store=IssuingStore)
TOOLS = _assets("Tool", (), SchemaExtension(schema=ASSET_TRAITS))
NEEDING_TOOLS = _assets("Need", (), SchemaExtension(schema=ASSET_TRAITS, required=True))
OWN_TYPES = (ASSETS, HIDDEN, ISSUES, LICENCES, TOOLS, NEEDING_TOOLS)
