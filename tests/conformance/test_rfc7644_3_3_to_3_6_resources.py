"""Creating, reading, replacing, changing and deleting (RFC 7644 sections 3.3 to 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.scim_client import CORE, ENTERPRISE, SCIMTestClient

pytestmark = pytest.mark.django_db
Sample = Callable[[str], Any]


@pytest.mark.rfc("7644", "3.3", "MUST")
def test_created_resource_is_201_with_its_location(
    scim_client: SCIMTestClient, sample: Sample
) -> None:
    answer = scim_client.request("POST", "/Users", sample("rfc7644-3.3-user-post_request"))

    assert answer.status == 201
    assert answer.headers["Location"] == answer.json["meta"]["location"]
    assert answer.headers["Location"] == f"http://testserver/scim/v2/Users/{answer.json['id']}"
    assert answer.headers["ETag"] == answer.json["meta"]["version"]
    assert answer.json["name"]["familyName"] == "Jensen"
    assert answer.json["meta"]["resourceType"] == "User"
    assert answer.json["meta"]["created"] == answer.json["meta"]["lastModified"]


@pytest.mark.rfc("7643", "8", "MAY")
@pytest.mark.parametrize(
    "name",
    ["rfc7643-8.1-user-minimal", "rfc7643-8.2-user-full", "rfc7643-8.3-user-enterprise"],
)
def test_example_of_rfc7643_is_stored_whole(
    scim_client: SCIMTestClient, sample: Sample, name: str
) -> None:
    sent = sample(name)

    stored = scim_client.request("POST", "/Users", sent).json

    for server_owned in ("id", "meta", "password", "groups"):
        sent.pop(server_owned, None)
        stored.pop(server_owned, None)
    sent.get(ENTERPRISE, {}).get("manager", {}).pop("displayName", None)
    assert stored == {"active": True, **sent}


@pytest.mark.rfc("7644", "3.3", "MUST")
def test_taken_name_is_409(scim_client: SCIMTestClient, sample: Sample) -> None:
    body = sample("rfc7644-3.3-user-post_request")
    scim_client.request("POST", "/Users", body)

    answer = scim_client.request("POST", "/Users", {**body, "externalId": "other"})

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")


@pytest.mark.rfc("9110", "9.3.2", "MUST")
def test_head_answers_like_get_without_a_body(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example")

    got = scim_client.get(f"/Users/{user['id']}")
    head = scim_client.request("HEAD", f"/Users/{user['id']}")

    assert (head.status, head.text) == (200, "")
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.rfc("7644", "3.5.1", "MUST")
def test_put_replaces_and_clears_what_it_leaves_out(
    scim_client: SCIMTestClient, sample: Sample
) -> None:
    user = scim_client.create_user("bjensen", title="Guide", roles=[{"value": "x"}])

    body = sample("rfc7644-3.5.1-user-put_request")
    answer = scim_client.request("PUT", f"/Users/{user['id']}", body)

    assert answer.status == 200
    assert answer.json["id"] == user["id"]
    assert answer.json["name"]["middleName"] == "Jane"
    assert len(answer.json["emails"]) == 2
    assert "title" not in answer.json
    assert "roles" not in answer.json
    assert scim_client.get(f"/Users/{user['id']}").json == answer.json


@pytest.mark.rfc("7644", "3.5.1", "MUST")
def test_put_does_not_create(scim_client: SCIMTestClient) -> None:
    path = "/Users/019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"

    answer = scim_client.request("PUT", path, {"schemas": [CORE], "userName": "x"})

    assert answer.status == 404
    assert scim_client.get("/Users").json["totalResults"] == 0


@pytest.mark.rfc("7644", "3.5.2", "MUST")
@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("rfc7644-3.5.2.1-patch_op-add_emails", ("emails", 2, "value"), "babs@jensen.org"),
        ("rfc7644-3.5.2.1-patch_op-add_emails", ("nickName",), "Babs"),
        (
            "rfc7644-3.5.2.3-patch_op-replace_work_address",
            ("addresses", 0, "streetAddress"),
            "911 Universal City Plaza",
        ),
        (
            "rfc7644-3.5.2.3-patch_op-replace_street_address",
            ("addresses", 0, "streetAddress"),
            "1010 Broadway Ave",
        ),
        (
            "rfc7644-3.5.2.3-patch_op-replace_street_address",
            ("addresses", 0, "locality"),
            "Hollywood",
        ),
        (
            "rfc7644-3.5.2.3-patch_op-replace_all_email_values",
            ("emails", 1),
            {"value": "babs@jensen.org", "type": "home"},
        ),
    ],
)
def test_patch_example(
    scim_client: SCIMTestClient, sample: Sample, name: str, path: tuple[Any, ...], expected: Any
) -> None:
    full = sample("rfc7643-8.2-user-full")
    full["emails"][1] = {"value": "other@jensen.org", "type": "other"}
    user = scim_client.request("POST", "/Users", full).json

    found = scim_client.request("PATCH", f"/Users/{user['id']}", sample(name)).json

    for step in path:
        found = found[step]
    assert found == expected


@pytest.mark.rfc("7644", "3.5.2", "MUST")
def test_patch_is_atomic(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example", title="Old")

    answer = scim_client.patch(
        f"/Users/{user['id']}",
        {"op": "replace", "path": "title", "value": "New"},
        {"op": "replace", "path": "id", "value": "x"},
    )

    assert (answer.status, answer.json["scimType"]) == (400, "mutability")
    assert scim_client.get(f"/Users/{user['id']}").json == user


@pytest.mark.rfc("7644", "3.5.2.3", "MAY")
def test_change_that_changes_nothing_keeps_the_version(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example", title="T")

    answer = scim_client.patch(
        f"/Users/{user['id']}", {"op": "replace", "path": "title", "value": "T"}
    )

    assert answer.json["meta"] == user["meta"]


@pytest.mark.rfc("7644", "3.6", "MUST")
def test_deleted_resource_is_gone(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example", externalId="e")
    path = f"/Users/{user['id']}"

    deleted = scim_client.request("DELETE", path)

    assert (deleted.status, deleted.text) == (204, "")
    assert scim_client.get(path).status == 404
    assert scim_client.request("DELETE", path).status == 404
    assert scim_client.find('externalId eq "e"').json["totalResults"] == 0
    assert scim_client.create_user("ann@x.example", externalId="e")["id"] != user["id"]


@pytest.mark.rfc("7644", "3.9", "MUST")
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("attributes=userName", {"schemas", "id", "userName"}),
        ("attributes=USERNAME,%20title", {"schemas", "id", "userName", "title"}),
        (f"attributes={CORE}:title", {"schemas", "id", "title"}),
        (f"attributes={ENTERPRISE}:department", {"schemas", "id", ENTERPRISE}),
        (f"attributes={ENTERPRISE}", {"schemas", "id", ENTERPRISE}),
        ("attributes=nothing", {"schemas", "id"}),
        ("attributes=password", {"schemas", "id"}),
        (
            "excludedAttributes=emails,meta,name,schemas,id",
            {"schemas", "id", "userName", "title", "active", ENTERPRISE},
        ),
    ],
)
def test_projection(scim_client: SCIMTestClient, query: str, keys: set[str]) -> None:
    user = scim_client.create_user(
        "ann@x.example",
        title="T",
        name={"givenName": "A", "familyName": "B"},
        emails=[{"value": "a@x.example", "type": "work"}],
        **{ENTERPRISE: {"department": "D", "division": "V"}},
    )

    assert scim_client.get(f"/Users/{user['id']}?{query}").json.keys() == keys
    assert scim_client.get(f"/Users?{query}").json["Resources"][0].keys() == keys


@pytest.mark.rfc("7644", "3.9", "MUST")
def test_projection_of_sub_attributes(scim_client: SCIMTestClient) -> None:
    mail = {"value": "a@x.example", "type": "work"}
    user = scim_client.create_user("ann@x.example", name={"givenName": "A"}, emails=[mail])
    path = f"/Users/{user['id']}"

    asked = scim_client.get(f"{path}?attributes=emails.value,meta.created").json
    excluded = scim_client.get(f"{path}?excludedAttributes=emails.value,name.givenName").json

    assert asked["emails"] == [{"value": "a@x.example"}]
    assert asked["meta"].keys() == {"created"}
    assert excluded["emails"] == [{"type": "work"}]
    assert "name" not in excluded


@pytest.mark.rfc("9110", "13.1.1", "MUST")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_stale_version_is_412_and_changes_nothing(scim_client: SCIMTestClient, method: str) -> None:
    user = scim_client.create_user("ann@x.example", title="T")
    path = f"/Users/{user['id']}"
    bodies: dict[str, Any] = {
        "PUT": {"schemas": [CORE], "userName": "ann@x.example"},
        "PATCH": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "remove", "path": "title"}],
        },
    }

    answer = scim_client.request(method, path, bodies.get(method), HTTP_IF_MATCH='W/"99"')

    assert answer.status == 412
    assert scim_client.get(path).json == user


@pytest.mark.rfc("9110", "13.1.2", "MUST")
def test_known_version_is_304(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example")
    path = f"/Users/{user['id']}"

    known = scim_client.get(path, HTTP_IF_NONE_MATCH=user["meta"]["version"])
    other = scim_client.get(path, HTTP_IF_NONE_MATCH='W/"99"')

    assert (known.status, known.text) == (304, "")
    assert other.status == 200
