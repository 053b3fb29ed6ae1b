"""Whatever is sent, the answer is a SCIM error below 500, and nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.models import LinkedAccount
from tests.scim_client import CORE, ERROR, PATCH, SEARCH, Answer, SCIMTestClient

pytestmark = pytest.mark.django_db


def assert_scim_error(answer: Answer, *statuses: int) -> None:
    assert answer.status in statuses, answer.text
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.json["schemas"] == [ERROR]
    assert answer.json["status"] == str(answer.status)
    assert answer.json["detail"]


BODIES = {
    "empty": b"",
    "no-json": b"{",
    "array": b"[]",
    "number": b"5",
    "null": b"null",
    "text": b'"x"',
    "not-utf-8": b'{"userName":"\xff"}',
    "latin-1": '{"userName":"ü"}'.encode("latin-1"),
    "utf-16": '{"userName":"x"}'.encode("utf-16"),
    "nan": b'{"schemas":["%s"],"userName":"x","x":NaN}' % CORE.encode(),
    "infinity": b'{"schemas":["%s"],"userName":"x","x":Infinity}' % CORE.encode(),
    "overflow": b'{"schemas":["%s"],"userName":"x","x":1e999}' % CORE.encode(),
    "nul": b'{"schemas":["%s"],"userName":"a\\u0000b"}' % CORE.encode(),
    "raw-nul": b'{"schemas":["%s"],"userName":"a\x00b"}' % CORE.encode(),
    "lone-surrogate": b'{"schemas":["%s"],"userName":"a\\ud800b"}' % CORE.encode(),
    "duplicate-key": b'{"schemas":["%s"],"userName":"x","userName":"y"}' % CORE.encode(),
    "duplicate-key-in-another-case": b'{"schemas":["%s"],"userName":"x","USERNAME":"y"}'
    % CORE.encode(),
    "duplicate-nested-key": b'{"schemas":["%s"],"userName":"x","name":{"title":"a","title":"b"}}'
    % CORE.encode(),
    "deep-array": b'{"schemas":["%s"],"userName":"x","x":' % CORE.encode()
    + b"[" * 5000
    + b"]" * 5000
    + b"}",
    "deep-object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "unclosed": b"[" * 100_000,
    "huge-number": b'{"schemas":["%s"],"userName":"x","active":' % CORE.encode()
    + b"9" * 5000
    + b"}",
    "control-character-in-name": b'{"schemas":["%s"],"userName":"a\\u0007b"}' % CORE.encode(),
    "newline-in-name": b'{"schemas":["%s"],"userName":"a\\nb"}' % CORE.encode(),
    "invisible-in-name": b'{"schemas":["%s"],"userName":"a\\u202eb"}' % CORE.encode(),
    "blank-name": b'{"schemas":["%s"],"userName":"  "}' % CORE.encode(),
    "newline-in-mail": b'{"schemas":["%s"],"userName":"x","emails":[{"value":"a@x\\nBcc: b@y"}]}'
    % CORE.encode(),
    "no-name": b'{"schemas":["%s"]}' % CORE.encode(),
    "schemas-of-another": b'{"schemas":["urn:x"],"userName":"x"}',
    "schemas-as-number": b'{"schemas":5,"userName":"x"}',
    "long-name": b'{"schemas":["%s"],"userName":"' % CORE.encode() + b"x" * 300 + b'"}',
    "long-external-id": b'{"schemas":["%s"],"userName":"x","externalId":"' % CORE.encode()
    + b"x" * 300
    + b'"}',
    "long-type": b'{"schemas":["%s"],"userName":"x","emails":[{"value":"a@x","type":"'
    % CORE.encode()
    + b"x" * 300
    + b'"}]}',
}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "SEARCH"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bad_body_is_a_scim_error(scim_client: SCIMTestClient, method: str, body: bytes) -> None:
    user = scim_client.create_user("keep@x.example")
    path = {"POST": "/Users", "SEARCH": "/Users/.search"}.get(method, f"/Users/{user['id']}")

    answer = scim_client.request("POST" if method == "SEARCH" else method, path, body)

    if method == "SEARCH" and answer.status == 200:
        assert body in (BODIES["no-name"], BODIES["schemas-of-another"]) or b"userName" in body
    else:
        assert_scim_error(answer, 400)
    assert LinkedAccount.objects.count() == 1
    assert scim_client.get(f"/Users/{user['id']}").json == user


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_ten_megabytes_are_413(scim_client: SCIMTestClient, method: str) -> None:
    path = "/Users" if method == "POST" else "/Users/019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"

    assert_scim_error(scim_client.request(method, path, b"x" * 10_000_000), 413)


def test_body_is_not_read_without_a_token(db: None) -> None:
    answer = SCIMTestClient(None).request("POST", "/Users", b"x" * 10_000_000)

    assert_scim_error(answer, 401)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"CONTENT_TYPE": "text/plain"}, 415, id="text"),
        pytest.param({"CONTENT_TYPE": "application/xml"}, 415, id="xml"),
        pytest.param({"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 415, id="form"),
        pytest.param({"CONTENT_TYPE": "application/json; charset=utf-16"}, 415, id="charset"),
        pytest.param({"HTTP_CONTENT_ENCODING": "gzip"}, 415, id="compressed"),
        pytest.param({"CONTENT_TYPE": "application/json; charset=UTF-8"}, 201, id="json-utf-8"),
        pytest.param({"CONTENT_TYPE": "APPLICATION/SCIM+JSON"}, 201, id="any-case"),
    ],
)
def test_media_type(scim_client: SCIMTestClient, headers: dict[str, Any], status: int) -> None:
    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "x"}, **headers)

    assert answer.status == status
    if status == 415:
        assert_scim_error(answer, 415)


@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        ("", 200, "application/scim+json"),
        ("*/*", 200, "application/scim+json"),
        ("application/*", 200, "application/scim+json"),
        ("application/json", 200, "application/json"),
        ("application/scim+json;q=0.1, application/json", 200, "application/json"),
        ("application/scim+json; charset=utf-8", 200, "application/scim+json"),
        ("text/html, */*;q=0.1", 200, "application/scim+json"),
        ("text/html", 406, "application/scim+json"),
        ("application/scim+json;q=0", 406, "application/scim+json"),
    ],
)
def test_accept(scim_client: SCIMTestClient, accept: str, status: int, media_type: str) -> None:
    answer = scim_client.get("/Users", HTTP_ACCEPT=accept)

    assert (answer.status, answer.headers["Content-Type"]) == (status, media_type)


@pytest.mark.parametrize(
    "id",
    [
        "1",
        "..",
        "%2e%2e",
        "%0d%0aSet-Cookie:%20x=1",
        "%00",
        "%ff",
        "019AAAAA-AAAA-7AAA-8AAA-AAAAAAAAAAAA",
        "{019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa}",
        "019aaaaaaaaa7aaa8aaaaaaaaaaaaaaa",
        "x" * 10_000,
        "a%20b",
        "%E2%80%AE",
        "9" * 400,
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_hostile_id_is_not_found(scim_client: SCIMTestClient, method: str, id: str) -> None:
    assert_scim_error(scim_client.request(method, f"/Users/{id}"), 404)


@pytest.mark.parametrize(
    "query",
    [
        "count=x",
        "count=1_000",
        "count=%EF%BC%91",
        "count=1e3",
        "count=99999999999999999999",
        "startIndex=x",
        "filter=userName+eq+%22a%22&filter=userName+eq+%22b%22",
        "filter=userName+eq+%22%00%22",
        "filter=password+eq+%22x%22",
        "filter=password+pr",
        "sortBy=password",
        "sortBy=?",
        "sortBy=-id",
        "sortBy=name",
        "sortOrder=sideways",
        "cursor=x",
        "filter=user__password+sw+%22m%22",
        "filter=_connector+eq+%22OR%22",
        "filter=meta.location+pr",
        "filter=active+gt+true",
        "filter=active+co+%22t%22",
        "filter=userName+eq+5",
        "filter=meta.created+gt+%22yesterday%22",
        "filter=name+eq+%22x%22",
        "filter=x509Certificates.value+gt+%22x%22",
    ],
)
def test_bad_query_is_400(scim_client: SCIMTestClient, query: str) -> None:
    assert_scim_error(scim_client.get(f"/Users?{query}"), 400)


@pytest.mark.parametrize(
    "query", ["count=-5", "count=0", "startIndex=-1", "startIndex=0", "count="]
)
def test_edge_of_paging_is_read_kindly(scim_client: SCIMTestClient, query: str) -> None:
    scim_client.create_user("ann@x.example")

    answer = scim_client.get(f"/Users?{query}")

    assert (answer.status, answer.json["totalResults"]) == (200, 1)


SHAPES: list[Any] = [
    None,
    5,
    {},
    [5],
    [[]],
    [{"op": 5}],
    [{"op": "add"}],
    [{"op": "add", "path": 5, "value": "x"}],
    [{"op": "add", "path": "title"}],
    [{"op": "add", "value": 5}],
    [{"op": "add", "value": None}],
    [{"op": "replace", "path": "emails", "value": [[]]}],
    [{"op": "add", "path": "emails", "value": "x" * 400}],
    [{"op": "replace", "path": "name", "value": [{}, {}]}],
    [{"op": "replace", "path": "active", "value": "yes"}],
    [{"op": "replace", "path": "active", "value": 1}],
    [{"op": "replace", "path": "active", "value": {}}],
    [{"op": "remove", "path": None}],
    [{"op": "add", "path": "title", "value": "x"}] * 1001,
]


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param([{"op": "add", "path": path, "value": "x"}], id=path[:40])
        for path in (
            "password.x",
            "__class__",
            "user.password",
            "is_superuser",
            "meta.version",
            "emails[",
            "emails]",
            "emails[type]",
            'emails[type eq "work"',
            'emails[type eq "work"]]',
            'emails[type eq "work"].',
            'emails[type eq "work"].x',
            'emails[password eq "x"].value',
            "emails[0]",
            "emails.value.x",
            "/emails/0",
            "$.emails",
            "urn:x:y",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "x" * 10_000,
            "(" * 5000,
            "emails[" + "(" * 3000 + "]",
            "\u202euserName",
            " ",
            "'",
            "userName; DROP TABLE",
        )
    ]
    + [pytest.param(operations, id=f"shape-{number}") for number, operations in enumerate(SHAPES)],
)
def test_bad_patch_is_400_and_changes_nothing(scim_client: SCIMTestClient, operations: Any) -> None:
    user = scim_client.create_user("ann@x.example")
    body = {"schemas": [PATCH], "Operations": operations}

    answer = scim_client.request("PATCH", f"/Users/{user['id']}", body)

    assert_scim_error(answer, 400)
    assert scim_client.get(f"/Users/{user['id']}").json == user


def test_search_without_a_message_of_its_own_is_read(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann@x.example")
    body = {"schemas": [SEARCH], "filter": "userName pr", "count": 1, "attributes": ["userName"]}

    answer = scim_client.request("POST", "/Users/.search", body)

    assert answer.json["Resources"][0].keys() == {"schemas", "id", "userName"}
