"""Endpoints are found in any case, and nothing is named otherwise for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import include, path, resolve, reverse
from rest_framework.permissions import BasePermission

from django_scim_provider.core.errors import Forbidden, NotFound
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from django_scim_provider.observability.logs import REQUESTS
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.routers import COLLECTION, endpoint_path
from django_scim_provider.rest.viewsets import ResourceViewSet
from tests.factories import make_token
from tests.inventory.scim import PRINTER_URN
from tests.people import post
from tests.rest.test_content_location import Somebody
from tests.scim_client import CORE, GROUP, PATCH, SEARCH, SCIMTestClient

BASE = "http://testserver/scim/v2"
SEARCH_BODY = {"schemas": [SEARCH]}


@pytest.fixture
def client(scim_settings: Callable[..., None], settings: Any) -> SCIMTestClient:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    return SCIMTestClient(make_token())


@pytest.mark.django_db
@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("Users", {"schemas": [CORE], "userName": "ann"}),
        ("Groups", {"schemas": [GROUP], "displayName": "g"}),
        ("Printers", {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1}),
    ],
)
def test_resources_are_found_and_have_the_address_of_their_type(
    client: SCIMTestClient, endpoint: str, body: dict[str, Any], change: Callable[[str], str]
) -> None:
    asked = change(endpoint)

    made = client.request("POST", f"/{asked}", body)
    id = made.json["id"]
    answers = [
        made,
        client.get(f"/{asked}/{id}/"),
        client.request("PUT", f"/{asked}/{id}", body),
        client.request(
            "PATCH", f"/{asked}/{id}?attributes=meta", {"schemas": [PATCH], "Operations": []}
        ),
    ]
    lists = [
        client.get(f"/{asked}/"),
        client.request("POST", f"/{asked}{change('/.search')}", SEARCH_BODY),
    ]

    location = f"{BASE}/{endpoint}/{id}"
    assert {each.json["meta"]["location"] for each in answers} == {location}
    assert {each.headers["Location"] for each in answers} == {location}
    assert [each.json["Resources"][0]["id"] for each in lists] == [id, id]
    assert client.request("DELETE", f"/{asked}/{id}").status == 204


@pytest.mark.django_db
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_all_other_endpoints_are_found(
    client: SCIMTestClient, scim_settings: Callable[..., None], change: Callable[[str], str]
) -> None:
    scim_settings(
        ADAPTER=f"{Somebody.__module__}.Somebody", RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"]
    )
    ann = post(client, "ann").json
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": f"{change('/Users')}/{ann['id']}"}],
    }
    asked = {
        "/ServiceProviderConfig": "/ServiceProviderConfig",
        "/Schemas": None,
        f"/Schemas/{CORE}": f"/Schemas/{CORE}",
        "/ResourceTypes": None,
        "/Me": f"/Users/{ann['id']}",
    }
    found = {path: client.get(change(path)).json for path in asked}
    one = client.get(f"{change('/ResourceTypes')}/User").json
    searched = client.request("POST", change("/.search"), SEARCH_BODY)

    locations = {path: each.get("meta", {}).get("location") for path, each in found.items()}
    assert locations == {path: at and BASE + at for path, at in asked.items()}
    assert one["meta"]["location"] == f"{BASE}/ResourceTypes/User"
    assert searched.json["totalResults"] == 1
    assert client.client.get(f"/scim/v2{change('/health')}").content == b"ok"
    assert client.request("POST", change("/Bulk"), bulk).json["Operations"][0]["status"] == "204"


@pytest.mark.django_db
def test_ids_are_not(client: SCIMTestClient) -> None:
    post(client, "ann")
    LinkedAccount.objects.update(scim_id="Ann")

    statuses = [client.get(f"/users/{id}").status for id in ("Ann", "ann")]

    assert statuses == [200, 404]
    assert client.get("/resourcetypes/USER").status == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "scope"),
    [("/users", "users"), ("/USERS/1", "users"), ("/groups", "groups"), ("/pRINTERS", "printers")],
)
def test_scope_is_that_of_the_resource_type(client: SCIMTestClient, path: str, scope: str) -> None:
    scopes = {
        f"scim.{name}.{verb}"
        for name in ("users", "groups", "printers")
        for verb in ("read", "write")
    }
    refused = SCIMTestClient(
        make_token(provider_id="b", scopes=sorted(scopes - {f"scim.{scope}.read"}))
    )

    answer = refused.get(path)

    assert (answer.status, f"scim.{scope}.read" in answer.json["detail"]) == (403, True)


@pytest.mark.django_db
def test_operators_see_the_endpoint_as_its_type_spells_it(
    client: SCIMTestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=REQUESTS)

    for asked in ("/uSERS", "/USERS"):
        client.request("POST", asked, {"schemas": [CORE], "userName": "ann"})
    client.request("POST", "/printers/.SEARCH", SEARCH_BODY)
    for asked in ("/schemas/x", "/BULK", "/me", "/users/x/V2/secret"):
        client.get(asked)

    texts = [record.getMessage() for record in caplog.records if record.name == REQUESTS]
    seen = [text.split()[1:3] for text in texts]
    assert seen == [
        ["users.create", "/Users"],
        ["users.create", "/Users"],
        ["printers.search", "/Printers/.search"],
        ["discovery", "/Schemas/*"],
        ["bulk", "/Bulk"],
        ["me.get", "/Me"],
        ["unknown", "/Users/*/v2/*"],
    ]
    events = ProvisioningEvent.objects.filter(action="create")
    types = events.values_list("resource_type", flat=True)
    assert list(types) == ["User", "User"]


class NobodyMay(BasePermission):
    """Refuses everybody."""

    def has_permission(self, request: Any, view: Any) -> bool:
        raise Forbidden("Nobody may.")


class ClosedUsers(ResourceViewSet):
    """A viewset of a project's own."""

    permission_classes = (NobodyMay,)  # type: ignore[assignment]


class Closed:
    """The routes of a project that has a view of its own for users."""

    urlpatterns = [  # noqa: RUF012
        endpoint_path("scim/v2/Users", ClosedUsers.as_view(COLLECTION, endpoint="Users")),
        path("scim/v2/", include("django_scim_provider.urls")),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["/Users", "/users", "/USERS/"])
def test_view_of_the_project_is_not_passed_by(
    scim_client: SCIMTestClient, settings: Any, asked: str
) -> None:
    settings.ROOT_URLCONF = Closed

    answer = scim_client.get(asked)

    assert (answer.status, answer.json["detail"]) == (403, "Nobody may.")


@pytest.mark.django_db
def test_references_in_another_case_name_the_same(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    member = {"value": ann["id"], "$ref": f"{BASE}/users/{ann['id']}"}
    body = {"schemas": [GROUP], "displayName": "g", "members": [member]}

    made = client.request("POST", "/groups", body)

    assert made.status == 201
    assert made.json["members"][0]["$ref"] == ann["meta"]["location"]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("Users-list", {}, "Users"),
        ("Users-detail", {"id": "Ann"}, "Users/Ann"),
        ("Groups-search", {}, "Groups/.search"),
        ("service-provider-config", {}, "ServiceProviderConfig"),
        ("schema", {"urn": CORE}, f"Schemas/{CORE}"),
        ("resource-type", {"name": "User"}, "ResourceTypes/User"),
        ("me", {}, "Me"),
        ("root", {}, ""),
    ],
)
def test_addresses_are_reversed_as_they_are_spelt(
    name: str, arguments: dict[str, str], expected: str
) -> None:
    address = reverse(f"scim:{name}", kwargs=arguments)

    assert address == f"/scim/v2/{expected}"
    assert resolve(address.lower()).url_name == name


def test_letters_that_fold_to_ascii_are_others() -> None:
    assert resolve("/scim/v2/u\u017fers").url_name is None
    with pytest.raises(NotFound):
        get_registry().resource_type_resource("user", BASE)


def test_management_is_reached_as_before() -> None:
    assert resolve("/scim/list-tokens").app_names == ["scim-management"]
    assert resolve("/admin/").app_names == ["admin"]
