"""Where the attributes stand, and the ways in which a client can write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.characteristics.declarations import (
    ASSET_TRAITS,
    ASSETS,
    GROUP_TRAITS,
    TOOLS,
    USER_TRAITS,
)
from tests.scim_client import CORE, GROUP, SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A kind of resource that has the attributes, in an extension or by itself."""

    endpoint: str
    schema: str
    name: str
    """The attribute that tells its resources apart."""
    urn: str | None = None
    """That of the extension."""

    def body(self, name: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Return a resource with the attributes."""
        held = self.held(attributes)
        schemas = [self.schema, *(each for each in held if each == self.urn)]
        return {"schemas": schemas, self.name: name, **held}

    def held(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes as a resource holds them."""
        if self.urn is None or not attributes:
            return dict(attributes)
        return {self.urn: dict(attributes)}

    def path(self, name: str) -> str:
        """Return the path of an attribute."""
        return f"{self.urn}:{name}" if self.urn else name

    def shown(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a resource shows of the attributes."""
        if self.urn is not None:
            return dict(resource.get(self.urn, {}))
        apart = ("schemas", "id", "meta", self.name)
        return {name: held for name, held in resource.items() if name not in apart}

    def made(self, client: SCIMTestClient, name: str, **attributes: Any) -> str:
        """Create a resource and return its id."""
        answer = client.request("POST", self.endpoint, self.body(name, attributes))
        assert answer.status == 201, answer.text
        return str(answer.json["id"])

    def stored(self, client: SCIMTestClient, id: str) -> dict[str, Any]:
        """Return what a resource shows of the attributes when it is read."""
        return self.shown(client.get(f"{self.endpoint}/{id}").json)


PLACES = {
    "users": Place(endpoint="/Users", schema=CORE, name="userName", urn=USER_TRAITS.id),
    "groups": Place(endpoint="/Groups", schema=GROUP, name="displayName", urn=GROUP_TRAITS.id),
    "own type": Place(
        endpoint="/Assets", schema=ASSETS.resource_type.schema.id, name="serialNumber"
    ),
    "its extension": Place(
        endpoint="/Tools",
        schema=TOOLS.resource_type.schema.id,
        name="serialNumber",
        urn=ASSET_TRAITS.id,
    ),
}
SETTINGS: dict[str, Any] = {
    "EXTENSIONS": {
        "User": ["tests.characteristics.declarations.USER_TRAITS"],
        "Group": ["tests.characteristics.declarations.GROUP_TRAITS"],
    },
    "RESOURCE_TYPES": [
        f"tests.characteristics.declarations.{name}"
        for name in ("ASSETS", "HIDDEN", "ISSUES", "LICENCES", "TOOLS", "NEEDING_TOOLS")
    ],
}

Sent = Mapping[str, Any]
Outcome = tuple[int, Any]
"""Status and body."""
Way = Callable[[SCIMTestClient, Place, str, str, Sent], Outcome]
"""Called with the id of a resource, a name, and the attributes that it is to have."""


def _put(client: SCIMTestClient, place: Place, id: str, name: str, sent: Sent) -> Outcome:
    answer = client.request("PUT", f"{place.endpoint}/{id}", place.body(name, sent))
    return answer.status, answer.json


def _by_path(client: SCIMTestClient, place: Place, id: str, name: str, sent: Sent) -> Outcome:
    operations = _operations(place, sent)
    answer = client.patch(f"{place.endpoint}/{id}", *operations)
    return answer.status, answer.json


def _operations(place: Place, sent: Sent) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": place.path(key), "value": sent[key]} for key in sent]


def _by_object(client: SCIMTestClient, place: Place, id: str, name: str, sent: Sent) -> Outcome:
    answer = client.patch(f"{place.endpoint}/{id}", {"op": "replace", "value": place.held(sent)})
    return answer.status, answer.json


def _in_bulk(client: SCIMTestClient, method: str, path: str, data: Any) -> Outcome:
    operation = {"method": method, "path": path, "data": data, "bulkId": "one"}
    answer = client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})
    assert answer.status == 200, answer.text
    (done,) = answer.json["Operations"]
    return int(done["status"]), done.get("response")


def _bulk_put(client: SCIMTestClient, place: Place, id: str, name: str, sent: Sent) -> Outcome:
    return _in_bulk(client, "PUT", f"{place.endpoint}/{id}", place.body(name, sent))


def _bulk_patch(client: SCIMTestClient, place: Place, id: str, name: str, sent: Sent) -> Outcome:
    data = {"schemas": [PATCH], "Operations": _operations(place, sent)}
    return _in_bulk(client, "PATCH", f"{place.endpoint}/{id}", data)


CHANGES: dict[str, Way] = {
    "PUT": _put,
    "PATCH with path": _by_path,
    "PATCH without path": _by_object,
    "PUT in bulk": _bulk_put,
    "PATCH in bulk": _bulk_patch,
}


def post(client: SCIMTestClient, place: Place, name: str, sent: Sent) -> Outcome:
    """Create a resource."""
    answer = client.request("POST", place.endpoint, place.body(name, sent))
    return answer.status, answer.json


def post_in_bulk(client: SCIMTestClient, place: Place, name: str, sent: Sent) -> Outcome:
    """Create a resource in a bulk request."""
    return _in_bulk(client, "POST", place.endpoint, place.body(name, sent))


CREATIONS = {"POST": post, "POST in bulk": post_in_bulk}


def write(
    way: str, client: SCIMTestClient, place: Place, name: str, before: Sent, sent: Sent
) -> Outcome:
    """Write the attributes in one of the ways; what is changed has those of ``before``."""
    if way in CREATIONS:
        return CREATIONS[way](client, place, name, sent)
    id = place.made(client, name, **before)
    return CHANGES[way](client, place, id, name, sent)


WAYS = (*CREATIONS, *CHANGES)
