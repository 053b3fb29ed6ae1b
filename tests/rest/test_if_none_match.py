"""``If-None-Match`` on what changes something (RFC 9110 sections 13.1.2 and 13.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.models import LinkedAccount, ProvisionedGroup, ProvisioningEvent
from tests.factories import make_token
from tests.inventory.models import Printer
from tests.inventory.scim import PRINTER_URN
from tests.scim_client import CORE, GROUP, PATCH, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("9110", "13.1.2", "MUST")]

BODIES: dict[str, dict[str, Any]] = {
    "Users": {"schemas": [CORE], "userName": "ann"},
    "Groups": {"schemas": [GROUP], "displayName": "g"},
    "Printers": {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1},
}
MODELS: dict[str, Any] = {"Users": LinkedAccount, "Groups": ProvisionedGroup, "Printers": Printer}
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@pytest.fixture
def client(scim_settings: Callable[..., None], settings: Any) -> SCIMTestClient:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    return SCIMTestClient(make_token())


@pytest.fixture(params=list(BODIES))
def made(request: pytest.FixtureRequest, client: SCIMTestClient) -> dict[str, Any]:
    """Return a resource of one type."""
    answer = client.request("POST", f"/{request.param}", BODIES[request.param])
    resource: dict[str, Any] = answer.json
    assert answer.status == 201
    return {**resource, "collection": request.param}


def change(client: SCIMTestClient, method: str, made: dict[str, Any], **headers: Any) -> int:
    name = made["collection"]
    operation = {"op": "add", "path": "externalId", "value": "e"}
    bodies = {
        "PUT": {**BODIES[name], "externalId": "e"},
        "PATCH": {"schemas": [PATCH], "Operations": [operation]},
    }
    return client.request(method, f"/{name}/{made['id']}", bodies.get(method), **headers).status


methods = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])


@methods
@pytest.mark.parametrize("header", ["*", 'W/"1"', '"1"', 'W/"9", W/"1"', "garbage", ""])
def test_version_that_is_there_is_412_and_changes_nothing(
    client: SCIMTestClient, made: dict[str, Any], method: str, header: str
) -> None:
    status = change(client, method, made, HTTP_IF_NONE_MATCH=header)

    shown = client.get(f"/{made['collection']}/{made['id']}").json
    assert status == 412
    assert shown == {key: value for key, value in made.items() if key != "collection"}
    assert ProvisioningEvent.objects.latest("at").status == 412


@methods
def test_version_that_is_not_there_is_changed(
    client: SCIMTestClient, made: dict[str, Any], method: str
) -> None:
    status = change(client, method, made, HTTP_IF_NONE_MATCH='W/"2"', HTTP_IF_MATCH="*")

    found = MODELS[made["collection"]].objects.filter(pk=made["id"])
    assert status in (200, 204)
    assert [row.external_id for row in found] == ([] if method == "DELETE" else ["e"])


@methods
def test_what_is_not_there_is_404(client: SCIMTestClient, method: str) -> None:
    id = "0192f0a0-0000-7000-8000-000000000001"

    assert change(client, method, {"collection": "Users", "id": id}, HTTP_IF_NONE_MATCH="*") == 404


@pytest.mark.parametrize("header", ["*", 'W/"1"'])
def test_on_a_collection_it_means_nothing(client: SCIMTestClient, header: str) -> None:
    posted = client.request("POST", "/Users", BODIES["Users"], HTTP_IF_NONE_MATCH=header)
    again = client.request("POST", "/Users", BODIES["Users"], HTTP_IF_NONE_MATCH=header)
    operation = {"method": "DELETE", "path": f"/Users/{posted.json['id']}", "version": 'W/"1"'}
    body = {"schemas": [BULK], "Operations": [operation]}
    bulk = client.request("POST", "/Bulk", body, HTTP_IF_NONE_MATCH=header)

    assert (posted.status, again.status) == (201, 409)
    assert bulk.json["Operations"][0]["status"] == "204"
