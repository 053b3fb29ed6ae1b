"""What the example adds to SCIM: an extension of users, and a resource type of its own."""

from __future__ import annotations

from typing import Any

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.resources import (
    Attribute,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
)
from example.models import Device

WORKPLACE = Schema(
    id="urn:example:params:scim:schemas:extension:workplace:2.0:User",
    name="Workplace",
    attributes=(
        Attribute(name="badgeNumber", case_exact=True, max_length=64),
        Attribute(name="desk", max_length=64),
    ),
)


class Adapter(DefaultAdapter):
    """Writes the extension into the columns of the example's own user model."""

    def user_fields(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Return the usual fields and the two of the extension."""
        sent = resource.get(WORKPLACE.id, {})
        own = {"badge_number": sent.get("badgeNumber", ""), "desk": sent.get("desk", "")}
        return super().user_fields(resource) | own


class DeviceStore(ModelStore):
    """Devices, as rows of the example's own model."""

    model = Device
    fields = {"serialNumber": "serial_number", "displayName": "name"}  # noqa: RUF012 - as in Django
    columns = {"serialNumber": "serial_number", "displayName": "name_key"}  # noqa: RUF012


DEVICES = Registration(
    resource_type=ResourceType(
        name="Device",
        endpoint="/Devices",
        description="A device that somebody was given",
        schema=Schema(
            id="urn:example:params:scim:schemas:core:2.0:Device",
            name="Device",
            attributes=(
                Attribute(name="serialNumber", required=True, case_exact=True, uniqueness="server"),
                Attribute(name="displayName"),
                Attribute(name="assigned", type="boolean"),
            ),
        ),
    ),
    store=DeviceStore,
)
