"""The declaration of printers as a resource type."""

from __future__ import annotations

from typing import ClassVar

from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
)
from tests.inventory.models import Printer

PRINTER_URN = "urn:example:params:scim:schemas:core:2.0:Printer"


class PrinterStore(ModelStore):
    """Printers."""

    model = Printer
    fields: ClassVar = {
        "serialNumber": "serial_number",
        "displayName": "name",
        "floor": "floor",
        "shelf": "shelf",
    }


PRINTERS = Registration(
    resource_type=ResourceType(
        name="Printer",
        endpoint="/Printers",
        schema=Schema(
            id=PRINTER_URN,
            name="Printer",
            attributes=(
                Attribute(name="serialNumber", required=True, case_exact=True),
                Attribute(name="displayName"),
                Attribute(name="floor", type="integer"),
                Attribute(name="shelf", type="integer"),
                Attribute(name="trays", multi_valued=True),
            ),
        ),
    ),
    store=PrinterStore,
)
