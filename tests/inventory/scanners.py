"""Scanners as a resource type, with columns for filters, and the same without any."""

from __future__ import annotations

from typing import Any, ClassVar

from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
)
from tests.inventory.models import Scanner

SCANNER_URN = "urn:example:params:scim:schemas:core:2.0:Scanner"
MAKER = (Attribute(name="name"), Attribute(name="country", case_exact=True))


class ScannerStore(ModelStore):
    """Scanners whose filters are answered by columns."""

    model = Scanner
    fields: ClassVar = {
        "serialNumber": "serial_number",
        "displayName": "name",
        "floor": "floor",
        "weight": "weight",
        "inColour": "in_colour",
        "boughtAt": "bought_at",
    }
    columns: ClassVar = {
        "serialNumber": "serial_number",
        "displayName": "name_key",
        "maker.name": "maker_key",
        "floor": "floor",
        "weight": "weight",
        "inColour": "in_colour",
        "boughtAt": "bought_at",
    }

    def values(self, resource: Any) -> dict[str, Any]:
        """Write the name of the maker as well."""
        return {**super().values(resource), "maker": resource.get("maker", {}).get("name")}


class PlainScannerStore(ScannerStore):
    """Scanners whose filters are answered by their documents."""

    columns: ClassVar = {}


SCANNERS = Registration(
    resource_type=ResourceType(
        name="Scanner",
        endpoint="/Scanners",
        schema=Schema(
            id=SCANNER_URN,
            name="Scanner",
            attributes=(
                Attribute(name="serialNumber", required=True, case_exact=True),
                Attribute(name="displayName"),
                Attribute(name="maker", type="complex", sub_attributes=MAKER),
                Attribute(name="floor", type="integer"),
                Attribute(name="weight", type="decimal"),
                Attribute(name="inColour", type="boolean"),
                Attribute(name="boughtAt", type="dateTime"),
                Attribute(name="trays", multi_valued=True),
            ),
        ),
    ),
    store=ScannerStore,
)
