"""Content-Location is ``meta.location`` of the resource that an answer shows (RFC 7643 3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from tests.factories import make_token
from tests.ids_from_elsewhere import BASE, SAFE, at, user
from tests.inventory.scim import PRINTER_URN
from tests.scim_client import CORE, GROUP, PATCH, SEARCH, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("7643", "3.1", "MUST")]

BODIES: dict[str, dict[str, Any]] = {
    "Users": {"schemas": [CORE], "userName": "ann"},
    "Groups": {"schemas": [GROUP], "displayName": "g"},
    "Printers": {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1},
}
CHANGE = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "externalId", "value": "e"}]}


class Somebody(DefaultAdapter):
    """Takes the first account for the caller's."""

    def me(self) -> str | None:
        return str(LinkedAccount.objects.order_by("pk").values_list("pk", flat=True)[0])


@pytest.fixture
def client(scim_settings: Callable[..., None], settings: Any) -> SCIMTestClient:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    return SCIMTestClient(make_token(provider_id="acme"))


@pytest.mark.parametrize("name", BODIES)
def test_each_answer_with_the_resource_has_its_address(client: SCIMTestClient, name: str) -> None:
    made = client.request("POST", f"/{name}", BODIES[name])
    path = f"/{name}/{made.json['id']}"
    answers = [
        made,
        client.get(path),
        client.get(f"{path}?attributes=schemas"),
        client.request("PUT", path, BODIES[name]),
        client.request("PATCH", f"{path}?attributes=externalId", CHANGE),
    ]
    head = client.request("HEAD", path)
    version = head.headers["ETag"]
    unchanged = client.get(path, HTTP_IF_NONE_MATCH=version)

    location = made.json["meta"]["location"]
    found = [answer.headers.get("Content-Location") for answer in (*answers, head, unchanged)]
    assert found == [location] * 7
    assert [answer.status for answer in answers] == [201, 200, 200, 200, 200]
    assert (unchanged.status, unchanged.text) == (304, "")
    assert unchanged.headers["ETag"] == version
    assert "Location" not in unchanged.headers


@pytest.mark.parametrize("id", ["zwölf €", "50%", "what?x=1#y"])
def test_address_is_encoded_as_in_the_resource(client: SCIMTestClient, id: str) -> None:
    user(id)

    answer = client.get(at(id))

    assert answer.json["id"] == id
    assert answer.headers["Content-Location"] == answer.json["meta"]["location"]
    assert answer.headers["Content-Location"] == f"{BASE}/Users/{quote(id, safe=SAFE)}"


def test_me_has_the_address_of_the_user(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER=f"{__name__}.Somebody")
    ann = client.request("POST", "/Users", BODIES["Users"]).json

    answers = [client.get("/Me"), client.request("PATCH", "/Me", CHANGE)]

    assert {each.headers["Content-Location"] for each in answers} == {ann["meta"]["location"]}


@pytest.mark.parametrize(
    "path",
    [
        "/ServiceProviderConfig",
        f"/Schemas/{CORE}",
        f"/Schemas/{CORE.upper()}",
        "/ResourceTypes/User",
    ],
)
def test_single_documents_of_discovery_have_theirs(client: SCIMTestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["Content-Location"] == answer.json["meta"]["location"]
    assert (
        client.request("HEAD", path).headers["Content-Location"]
        == (answer.json["meta"]["location"])
    )


def test_lists_errors_and_empty_answers_have_none(client: SCIMTestClient) -> None:
    ann = client.request("POST", "/Users", BODIES["Users"]).json
    group = client.request("POST", "/Groups", BODIES["Groups"]).json
    answers = [
        *(client.get(path) for path in ("/Users", "/", "/Schemas", "/ResourceTypes")),
        client.request("POST", "/Users/.search", {"schemas": [SEARCH]}),
        client.request("POST", "/Users", BODIES["Users"]),
        client.get("/Users/nobody"),
        client.request("PUT", f"/Users/{ann['id']}", BODIES["Users"], HTTP_IF_MATCH='W/"9"'),
        client.request("PATCH", f"/Groups/{group['id']}", CHANGE),
        client.request("DELETE", f"/Groups/{group['id']}"),
    ]

    assert [each.status for each in answers] == [*[200] * 5, 409, 404, 412, 204, 204]
    assert [each.headers.get("Content-Location") for each in answers] == [None] * 10
    assert answers[-2].headers["Location"] == group["meta"]["location"]
