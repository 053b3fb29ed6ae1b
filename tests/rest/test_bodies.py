"""Bodies are read to their end, whatever tells where that is (RFC 9112 section 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

from django_scim_provider.models import LinkedAccount
from tests.factories import make_token
from tests.live import unused_port
from tests.scim_client import CORE, PATCH, SCIM_JSON, SEARCH, SCIMTestClient
from tests.serving import RawAnswer, RawServer, gunicorn

pytestmark = pytest.mark.django_db(transaction=True)

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@pytest.fixture(scope="module", params=["sync", "gthread"])
def server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
) -> Iterator[RawServer]:
    """Serve with one kind of worker."""
    folder = tmp_path_factory.mktemp("server")
    options = ("--worker-class", request.param, "--timeout", "60")
    with gunicorn(folder, unused_port(), *options) as server:
        yield server


def chunked(*parts: bytes) -> bytes:
    framed = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    return b"".join([*framed, b"0\r\n\r\n"])


def head(method: str, path: str, token: str, **headers: str) -> bytes:
    given = {
        "Host": "testserver",
        "Authorization": f"Bearer {token}",
        "Content-Type": SCIM_JSON,
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{method} /scim/v2{path} HTTP/1.1", *(f"{k}: {v}" for k, v in given.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def send(
    server: RawServer, method: str, path: str, token: str, body: Any, **headers: str
) -> RawAnswer:
    """Send JSON in pieces of seven bytes."""
    raw = orjson.dumps(body)
    pieces = [raw[start : start + 7] for start in range(0, len(raw), 7)]
    top = head(method, path, token, Transfer_Encoding="chunked", **headers)
    return server.send(top, chunked(*pieces))


def user(name: str) -> dict[str, Any]:
    return {"schemas": [CORE], "userName": name}


def test_chunked_bodies_are_read(server: RawServer) -> None:
    token = make_token()
    made = [send(server, "POST", "/Users", token, user(name)) for name in ("ann", "bob")]
    id = orjson.loads(made[0].text)["id"]
    close = {"op": "replace", "path": "active", "value": False}

    patched = send(
        server, "PATCH", f"/Users/{id}", token, {"schemas": [PATCH], "Operations": [close]}
    )
    search = {"schemas": [SEARCH], "filter": 'userName eq "bob"'}
    found = [send(server, "POST", path, token, search) for path in ("/Users/.search", "/.search")]
    replaced = send(server, "PUT", f"/Users/{id}", token, user("anna"))
    operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": user("eve")}
    bulk = send(server, "POST", "/Bulk", token, {"schemas": [BULK], "Operations": [operation]})

    assert [answer.status for answer in made] == [201, 201]
    assert (patched.status, orjson.loads(patched.text)["active"]) == (200, False)
    names = [[each["userName"] for each in orjson.loads(f.text)["Resources"]] for f in found]
    assert names == [["bob"], ["bob"]]
    assert (replaced.status, bulk.status) == (200, 200)
    assert set(LinkedAccount.objects.values_list("user_name", flat=True)) == {"anna", "bob", "eve"}


@pytest.mark.parametrize("framed", [True, False], ids=["in-chunks", "with-a-length"])
def test_body_over_the_limit_is_413(server: RawServer, framed: bool) -> None:
    token, large = make_token(), b" " * (5 * 1024 * 1024)
    if framed:
        top = head("POST", "/Users", token, Transfer_Encoding="chunked")
        answer = server.send(top, chunked(*[large[:65536]] * 80))
    else:
        answer = server.send(head("POST", "/Users", token, Content_Length=str(len(large))), large)

    assert answer.status == 413
    assert "4194304 bytes" in answer.text


BROKEN = {
    "no-size": b"x\r\n{}\r\n0\r\n\r\n",
    "size-too-small": b"2\r\n{} {}\r\n0\r\n\r\n",
    "negative-size": b"-2\r\n{}\r\n0\r\n\r\n",
    "no-last-chunk": chunked(orjson.dumps(user("ann")))[:-5],
    "cut-off": chunked(orjson.dumps(user("ann")))[:20],
    "only-the-last": chunked(),
}


@pytest.mark.parametrize("framing", BROKEN.values(), ids=BROKEN.keys())
def test_broken_chunks_change_nothing(server: RawServer, framing: bytes) -> None:
    token = make_token()

    answer = server.send(
        head("POST", "/Users", token, Transfer_Encoding="chunked"), framing, ends=True
    )

    assert answer.status in (400, 0)
    assert not LinkedAccount.objects.exists()


def test_compressed_chunks_are_415(server: RawServer) -> None:
    answer = send(server, "POST", "/Users", make_token(), user("ann"), Content_Encoding="gzip")

    assert answer.status == 415
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("length", ["20", "9999"], ids=["too-short", "too-long"])
def test_length_that_lies_changes_nothing(server: RawServer, length: str) -> None:
    top = head("POST", "/Users", make_token(), Content_Length=length)

    answer = server.send(top, orjson.dumps(user("ann")), ends=True)

    assert answer.status in (400, 0)
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/Users"),
        ("POST", "/Users/.search"),
        ("POST", "/.search"),
        ("POST", "/Bulk"),
        ("PUT", "/Users/{id}"),
        ("PATCH", "/Users/{id}"),
    ],
)
@pytest.mark.parametrize("media_type", [SCIM_JSON, "text/plain", ""])
def test_nothing_is_no_body(
    scim_client: SCIMTestClient, method: str, path: str, media_type: str
) -> None:
    id = scim_client.create_user("ann")["id"]

    answer = scim_client.request(method, path.format(id=id), b"", CONTENT_TYPE=media_type)

    assert (answer.status, answer.json["detail"]) == (400, "The request has no body.")


def test_server_that_cannot_read_chunks_asks_for_a_length(scim_client: SCIMTestClient) -> None:
    """Such as Django's own for development."""
    answers = [
        scim_client.request("POST", path, search, HTTP_TRANSFER_ENCODING="chunked")
        for path in ("/Users", "/Users/.search", "/.search", "/Bulk")
        for search in (b"", b'{"filter":"userName pr"}')
    ]

    assert {answer.status for answer in answers} == {411}
    assert "Content-Length" in answers[0].json["detail"]


@pytest.mark.parametrize("length", ["many", "-1", "1_0", "٣", "1e2", "9" * 5000, "+5"])
def test_length_that_is_none_is_400(scim_client: SCIMTestClient, length: str) -> None:
    body = orjson.dumps(user("ann"))

    answer = scim_client.request("POST", "/Users", body, CONTENT_LENGTH=length)

    assert (answer.status, answer.json["detail"]) == (
        400,
        "Content-Length is not a number of bytes.",
    )


def over_asgi(token: str, path: str, *parts: bytes, **headers: str) -> tuple[int, bytes]:
    """POST over ASGI, where no server tells a length unless ``headers`` do."""
    sent = {"host": "testserver", "authorization": f"Bearer {token}", "content-type": SCIM_JSON}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "http_version": "2",
        "method": "POST",
        "path": f"/scim/v2{path}",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }

    async def run() -> tuple[int, bytes]:
        communicator: Any = ApplicationCommunicator
        talk = communicator(ASGIHandler(), scope)
        for part in parts:
            await talk.send_input({"type": "http.request", "body": part, "more_body": True})
        await talk.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await talk.receive_output(30)
        body = await talk.receive_output(30)
        await talk.wait()
        return int(start["status"]), bytes(body["body"])

    return asyncio.run(run())


def test_bodies_are_read_over_asgi() -> None:
    token = make_token()
    raw = orjson.dumps(user("ann"))
    search = orjson.dumps({"schemas": [SEARCH], "filter": 'userName eq "nobody"'})

    made = over_asgi(token, "/Users", raw[:9], raw[9:], transfer_encoding="chunked")
    without = over_asgi(token, "/Users", orjson.dumps(user("bob")))
    found = over_asgi(token, "/Users/.search", search, transfer_encoding="chunked")
    nothing = over_asgi(token, "/Users/.search")
    large = over_asgi(token, "/Users", *[b" " * 1024 * 1024] * 5)
    connection.close()

    assert (made[0], without[0]) == (201, 201)
    assert orjson.loads(found[1])["totalResults"] == 0
    assert (nothing[0], large[0]) == (400, 413)
