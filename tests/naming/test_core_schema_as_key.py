"""An object under the URN of the core schema says what its keys would say beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import connect
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db
BODY: dict[str, Any] = {"schemas": [CORE], CORE: {"userName": "ann", "name": {"givenName": "Ann"}}}


def test_post_put_and_patch_understand_it(scim_client: SCIMTestClient) -> None:
    ann = scim_client.request("POST", "/Users", BODY)
    assert (ann.status, ann.json["userName"], ann.json["name"]) == (
        201,
        "ann",
        {"givenName": "Ann"},
    )
    assert CORE not in ann.json
    path = f"/Users/{ann.json['id']}"

    put = {
        "schemas": [CORE],
        "userName": "ann",
        CORE.upper(): {"TITLE": "T", "name.familyName": "L"},
    }
    replaced = scim_client.request("PUT", path, put).json
    patched = scim_client.patch(path, {"op": "add", "value": {CORE: {"nickName": "N"}}}).json

    assert (replaced["title"], replaced["name"]) == ("T", {"familyName": "L"})
    assert (patched["title"], patched["nickName"]) == ("T", "N")


def test_groups_likewise(scim_client: SCIMTestClient) -> None:
    body = {"schemas": [GROUP], GROUP: {"displayName": "Team"}}

    assert scim_client.request("POST", "/Groups", body).json["displayName"] == "Team"


def test_a_bulk_operation_likewise(scim_client: SCIMTestClient) -> None:
    operation = {"method": "POST", "path": "/Users", "bulkId": "a", "data": BODY}
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [operation],
    }

    assert scim_client.request("POST", "/Bulk", bulk).json["Operations"][0]["status"] == "201"


@pytest.mark.parametrize("beside", [{"userName": "ann"}, {"USERNAME": "bob"}])
def test_a_name_given_twice_is_refused(scim_client: SCIMTestClient, beside: dict[str, str]) -> None:
    answer = scim_client.request("POST", "/Users", BODY | beside)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidSyntax")
    assert "given twice" in answer.json["detail"]


def test_what_nobody_knows_in_it_is_left_out(scim_client: SCIMTestClient) -> None:
    body = BODY | {CORE: {"userName": "ann", "shoeSize": 4, CORE: {"userName": "bob"}}}
    answer = scim_client.request("POST", "/Users", body)

    assert answer.status == 201
    assert answer.json.keys() & {"shoeSize", CORE} == set()
    assert answer.json["userName"] == "ann"


@pytest.mark.parametrize("value", [[], "ann", 1, [{"userName": "ann"}]])
def test_what_is_no_object_is_refused(scim_client: SCIMTestClient, value: Any) -> None:
    body = {"schemas": [CORE], "userName": "ann", CORE: value}

    assert scim_client.request("POST", "/Users", body).status == 400


def test_null_says_nothing(scim_client: SCIMTestClient) -> None:
    body = {"schemas": [CORE], "userName": "ann", CORE: None}

    assert scim_client.request("POST", "/Users", body).status == 201


def test_strict_refuses_it() -> None:
    assert connect(profile="strict").request("POST", "/Users", BODY).status == 400
