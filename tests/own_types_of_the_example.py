"""Runs in the example project's shell: its extension and its resource type, by requests."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from django_scim_provider.tokens.service import generate_scim_token
from example.models import Device, User

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
WORKPLACE = "urn:example:params:scim:schemas:extension:workplace:2.0:User"
DEVICE = "urn:example:params:scim:schemas:core:2.0:Device"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_, token = generate_scim_token("own")
client = Client(headers={"authorization": f"Bearer {token}", "host": "localhost"})


def ask(method: str, path: str, body: Any = None) -> Any:
    """Return the answer to a request with a JSON body."""
    sent = json.dumps(body)
    return client.generic(method, f"/scim/v2{path}", sent, "application/scim+json").json()


def patch(path: str, operation: dict[str, Any]) -> None:
    """Send one PATCH operation."""
    ask("PATCH", path, {"schemas": [PATCH], "Operations": [operation]})


def number(path: str, expression: str) -> int:
    """Return how many resources match a filter."""
    found: int = client.get(f"/scim/v2{path}", {"filter": expression}).json()["totalResults"]
    return found


workplace = {"badgeNumber": "B-7", "desk": "North 4"}
ann = ask("POST", "/Users", {"schemas": [CORE, WORKPLACE], "userName": "ann", WORKPLACE: workplace})
patch(f"/Users/{ann['id']}", {"op": "replace", "path": f"{WORKPLACE}:desk", "value": "South 1"})
row = User.objects.get(username="ann")
print("user", row.badge_number, row.desk)

laptop = ask(
    "POST", "/Devices", {"schemas": [DEVICE], "serialNumber": "S-1", "displayName": "Laptop"}
)
old = {"displayName": "Old laptop", "assigned": True}
patch(f"/Devices/{laptop['id']}", {"op": "add", "value": old})
print("device", Device._default_manager.get(serial_number="S-1").name)

_, of_another = generate_scim_token("another")
another = Client(headers={"authorization": f"Bearer {of_another}", "host": "localhost"})
body = json.dumps({"schemas": [DEVICE], "serialNumber": "S-1"})
answers = [
    each.generic("POST", "/scim/v2/Devices", body, "application/scim+json")
    for each in (client, another)
]
print("taken", *(answer.status_code for answer in answers), answers[0].json()["detail"])

print("users", number("/Users", f'{WORKPLACE}:badgeNumber eq "B-7"'))
print("devices", number("/Devices", "assigned eq true"))
print("type", ask("GET", "/ResourceTypes/Device")["endpoint"])
print("schemas", *(ask("GET", f"/Schemas/{urn}")["name"] for urn in (DEVICE, WORKPLACE)))
