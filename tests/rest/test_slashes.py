"""Slashes too many: a base URL that was pasted with its slash, and clients that add their own."""

from __future__ import annotations

import pytest
from django.core import checks
from django.urls import reverse

from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@pytest.mark.parametrize("path", ["//Users", "/Users//", "///users///"])
def test_a_collection_is_found(scim_client: SCIMTestClient, path: str) -> None:
    scim_client.create_user("ann")

    assert scim_client.get(path).json["totalResults"] == 1


def test_a_resource_keeps_its_address(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann")

    found = scim_client.get(f"//Users//{ann['id']}//").json

    assert found == ann
    assert "//Users" not in found["meta"]["location"]


@pytest.mark.parametrize(
    "path", ["//ServiceProviderConfig", "//Schemas", "//ResourceTypes//User", "//Me", "//"]
)
def test_other_endpoints_are_found(scim_client: SCIMTestClient, path: str) -> None:
    assert scim_client.get(path).status == (501 if "Me" in path else 200)


def test_a_search_is_found(scim_client: SCIMTestClient) -> None:
    assert scim_client.request("POST", "//Users//.search", {"filter": "id pr"}).status == 200


@pytest.mark.parametrize("path", ["//Users", "/Users//", "Users"])
def test_bulk_paths_are_read_alike(scim_client: SCIMTestClient, path: str) -> None:
    data = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann"}
    operation = {"method": "POST", "path": path, "bulkId": "a", "data": data}

    answer = scim_client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})

    made = answer.json["Operations"][0]
    assert made["status"] == "201"
    assert scim_client.get(made["location"].partition("/scim/v2")[2]).status == 200


def test_a_bulk_path_of_a_resource_is_read_alike(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann")
    operation = {"method": "DELETE", "path": f"//Users//{ann['id']}/"}

    answer = scim_client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})

    gone = answer.json["Operations"][0]
    assert (gone["status"], gone["location"]) == ("204", ann["meta"]["location"])


def test_addresses_are_made_with_single_slashes() -> None:
    assert reverse("scim:Users-list") == "/scim/v2/Users"
    assert reverse("scim:Users-detail", args=["x"]) == "/scim/v2/Users/x"
    assert reverse("scim:root") == "/scim/v2/"


def test_django_has_nothing_against_the_routes() -> None:
    assert checks.run_checks(tags=[checks.Tags.urls]) == []
