"""What an identity provider does with one person, to see that the settings of a page serve it."""

from __future__ import annotations

from typing import Any

from tests.scim_client import CORE, ENTERPRISE, SCIMTestClient


def live(client: SCIMTestClient, name: str = "eve@elsewhere.example") -> dict[str, Any]:
    """Create, change, deactivate, bring back and delete a person; return them as they came."""
    made = client.request("POST", "/Users", person(name))
    assert made.status == 201, made
    for path, value in (("title", "Doctor"), ("active", False), ("active", True)):
        operation = {"op": "replace", "path": path, "value": value}
        changed = client.patch(f"/Users/{made.id}", operation)
        assert (changed.status, changed.json[path]) == (200, value), changed
    gone = client.delete(f"/Users/{made.id}")
    assert gone.status == 204, gone
    whole: dict[str, Any] = made.json
    return whole


def person(name: str, **more: Any) -> dict[str, Any]:
    """Return somebody with a value for each attribute that pages do something with."""
    address = name if "@" in name else f"{name}@elsewhere.example"
    return {
        "schemas": [CORE, ENTERPRISE],
        "userName": name,
        "externalId": f"00u-{name}",
        "name": {"givenName": "Eve", "familyName": "Lee"},
        "title": "Nurse",
        "userType": "Contractor",
        "phoneNumbers": [{"type": "work", "value": "+1 202 555 0100"}],
        "emails": [{"value": address, "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Ward 3", "costCenter": "7"},
        **more,
    }
