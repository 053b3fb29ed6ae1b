"""Discovery (RFC 7644 section 4), errors (3.12), /Me (3.11), and queries over it all (3.4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import make_token
from tests.scim_client import CORE, ENTERPRISE, ERROR, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db

DESCRIBING = [
    f"urn:ietf:params:scim:schemas:core:2.0:{name}"
    for name in ("ServiceProviderConfig", "ResourceType", "Schema")
]
"""The schemas of discovery itself."""


@pytest.mark.rfc("7643", "5", "MUST")
def test_service_provider_config_tells_the_truth(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(MAX_PAGE_SIZE=2, DEFAULT_PAGE_SIZE=1)
    for number in range(3):
        scim_client.create_user(f"user{number}")

    config = scim_client.get("/ServiceProviderConfig").json

    assert (
        len(scim_client.get("/Users?count=9").json["Resources"]) == config["filter"]["maxResults"]
    )
    assert config["pagination"]["defaultPageSize"] == 1
    assert len(scim_client.get("/Users").json["Resources"]) == 1
    assert config["bulk"]["supported"]
    assert scim_client.request("POST", "/Bulk", {}).status == 400
    assert not config["changePassword"]["supported"]


@pytest.mark.rfc("7643", "7", "MUST")
def test_schemas_are_those_of_the_resource_types(scim_client: SCIMTestClient) -> None:
    schemas = scim_client.get("/Schemas").json["Resources"]
    types = scim_client.get("/ResourceTypes").json["Resources"]

    used = {t["schema"] for t in types}
    used |= {e["schema"] for t in types for e in t.get("schemaExtensions", ())}
    assert used == {CORE, ENTERPRISE, GROUP}
    assert [schema["id"] for schema in schemas] == [CORE, ENTERPRISE, GROUP, *DESCRIBING]
    assert schemas[0]["description"] == "User Account"
    for schema in schemas:
        assert scim_client.get(f"/Schemas/{schema['id']}").json == schema


@pytest.mark.rfc("7643", "7", "MUST")
@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"])
def test_discovery_documents_have_what_their_schema_says(
    scim_client: SCIMTestClient, path: str
) -> None:
    answer = scim_client.get(path).json
    for document in answer.get("Resources", [answer]):
        if document.get("id") == DESCRIBING[-1]:
            continue  # what describes sub-attributes would have to describe itself without end
        schema = scim_client.get(f"/Schemas/{document['schemas'][0]}").json
        common = {"schemas", "meta"}

        assert_described(document.keys() - common, document, schema["attributes"])


def assert_described(
    names: set[str], document: dict[str, Any], attributes: list[dict[str, Any]]
) -> None:
    """Fail where a document holds what no attribute describes, or lacks what is required."""
    described = {attribute["name"]: attribute for attribute in attributes}
    assert names <= described.keys()
    assert {name for name, found in described.items() if found["required"]} <= names
    for name in names:
        attribute = described[name]
        values = document[name] if attribute["multiValued"] else [document[name]]
        assert isinstance(values, list)
        for value in values:
            assert isinstance(value, TYPES[attribute["type"]])
            if isinstance(value, dict):
                assert_described(set(value), value, attribute["subAttributes"])


TYPES = {"string": str, "reference": str, "boolean": bool, "integer": int, "complex": dict}


@pytest.mark.rfc("7643", "4.1", "MAY")
def test_user_schema_has_all_core_attributes(scim_client: SCIMTestClient) -> None:
    schema = scim_client.get(f"/Schemas/{CORE.upper()}").json

    assert len(schema["attributes"]) == 21
    names = {attribute["name"] for attribute in schema["attributes"]}
    assert {"userName", "x509Certificates", "entitlements", "groups", "password"} <= names


@pytest.mark.rfc("7644", "4", "SHOULD")
@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"])
def test_discovery_cannot_be_filtered_or_written(scim_client: SCIMTestClient, path: str) -> None:
    assert scim_client.get(f"{path}?filter=id+pr").status == 403
    refused = scim_client.request("POST", path, {})
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("public", [False, True])
def test_discovery_needs_a_token_unless_it_is_public(
    scim_settings: Callable[..., None], public: bool
) -> None:
    scim_settings(PUBLIC_DISCOVERY=public)
    anonymous = SCIMTestClient(None)

    assert anonymous.get("/Schemas").status == (200 if public else 401)
    assert anonymous.get("/Users").status == 401


@pytest.mark.rfc("7644", "3.12", "MUST")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Users/x", 404),
        ("GET", "/Nothing", 404),
        ("PUT", "/", 405),
        ("GET", "//Nothing", 404),
        ("GET", "/Users/x/y", 404),
        ("GET", "/Schemas/urn:x", 404),
        ("GET", "/ResourceTypes/Nothing", 404),
        ("PATCH", "/Users", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/x", 405),
        ("OPTIONS", "/Users", 405),
        ("TRACE", "/Users", 405),
        ("GET", "/Users/.search", 405),
        ("GET", "/Me", 501),
        ("PATCH", "/Me", 501),
    ],
)
def test_errors_are_scim_json_with_and_without_a_slash(
    scim_client: SCIMTestClient, method: str, path: str, status: int
) -> None:
    for variant in (path, path.rstrip("/") + "/"):
        answer = scim_client.request(method, variant)

        assert answer.status == status
        assert answer.json["schemas"] == [ERROR]
        assert answer.json["status"] == str(status)
        assert answer.headers["Content-Type"] == "application/scim+json"
        assert answer.headers["Cache-Control"] == "no-store, private"


@pytest.mark.rfc("7644", "2", "MUST")
@pytest.mark.parametrize(
    "path",
    ["/", "/Users", "/Users/x", "/Users/.search", "/Nothing", "/Schemas", "/Me", "/Bulk", "//"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_every_route_needs_a_token(db: None, method: str, path: str) -> None:
    answer = SCIMTestClient(None).request(method, path)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="SCIM"'


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("scim.users.read", {"GET /Users", "POST /Users/.search"}),
        ("scim.users.write", {"POST /Users", "PUT /Users/x", "PATCH /Users/x", "DELETE /Users/x"}),
        ("scim.groups.read", {"GET /Groups"}),
    ],
)
def test_scope_opens_only_what_it_names(db: None, scope: str, allowed: set[str]) -> None:
    client = SCIMTestClient(make_token(scopes=[scope]))
    requests = {
        "GET /Users",
        "POST /Users/.search",
        "POST /Users",
        "PUT /Users/x",
        "PATCH /Users/x",
        "DELETE /Users/x",
        "GET /Groups",
    }

    asked = {text: text.partition(" ") for text in requests}
    opened = {
        text for text, (verb, _, path) in asked.items() if client.request(verb, path).status != 403
    }

    assert opened == allowed
    assert client.get("/Schemas").status == 200


@pytest.mark.rfc("7644", "3.4.2.4", "MUST")
def test_index_paging(scim_client: SCIMTestClient) -> None:
    ids = [scim_client.create_user(f"user{number}")["id"] for number in range(5)]

    page = scim_client.get("/Users?startIndex=3&count=2").json

    assert [user["id"] for user in page["Resources"]] == ids[2:4]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 3, 2)


@pytest.mark.rfc("7644", "3.4.2.3", "MUST")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sortBy=userName", "abcd"),
        ("sortBy=userName&sortOrder=descending", "dcba"),
        ("sortBy=title", "cabd"),
        ("sortBy=title&sortOrder=descending", "bdac"),
        ("sortBy=emails", "bacd"),
        ("sortBy=meta.created", "abcd"),
        ("sortBy=id&sortOrder=descending", "dcba"),
    ],
)
def test_sorting(scim_client: SCIMTestClient, query: str, expected: str) -> None:
    people: list[tuple[str, dict[str, Any]]] = [
        (
            "a",
            {"title": "Y", "emails": [{"value": "z@x.org"}, {"value": "m@x.org", "primary": True}]},
        ),
        ("b", {"emails": [{"value": "a@x.org"}]}),
        ("c", {"title": "x"}),
        ("d", {}),
    ]
    for name, attributes in people:
        scim_client.create_user(name, **attributes)

    found = scim_client.get(f"/Users?{query}").json["Resources"]

    assert "".join(user["userName"] for user in found) == expected


@pytest.mark.rfc("9865", "2", "MUST")
def test_cursor_paging(scim_client: SCIMTestClient, scim_settings: Callable[..., None]) -> None:
    ids = [scim_client.create_user(f"user{number}")["id"] for number in range(5)]
    found: list[str] = []
    page = scim_client.get("/Users?cursor&count=2").json

    while True:
        found += [user["id"] for user in page["Resources"]]
        if "nextCursor" not in page:
            break
        page = scim_client.get(f"/Users?cursor={page['nextCursor']}&count=2").json

    assert found == ids
    assert "startIndex" not in page


@pytest.mark.rfc("9865", "2.1", "SHOULD")
def test_expired_cursor_says_so(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(CURSOR_TIMEOUT=-1)
    for number in range(2):
        scim_client.create_user(f"user{number}")
    cursor = scim_client.get("/Users?cursor&count=1").json["nextCursor"]

    answer = scim_client.get(f"/Users?cursor={cursor}&count=1")

    assert (answer.status, answer.json["scimType"]) == (400, "expiredCursor")
