"""Under ASGI each request has a thread of its own, and leaves no database connection in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.db import connection, connections, transaction
from django.db.backends.signals import connection_created
from django.test import Client

from tests.administration import staff
from tests.factories import make_token
from tests.large_content import LONG, people
from tests.scim_client import CORE, SCIM_JSON, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


class AskingMiddleware:
    """Asks the database when the view is over, as a history of requests does."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        response = self._get_response(request)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return response


class TransactionMiddleware:
    """Holds a transaction round everything."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        with transaction.atomic():
            return self._get_response(request)


@pytest.fixture(autouse=True)
def persistent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 600)


@contextmanager
def opened() -> Iterator[list[Any]]:
    """Collect the connections that are opened."""
    seen: list[Any] = []

    def note(connection: Any, **_: Any) -> None:
        seen.append(connection)

    connection_created.connect(note)
    try:
        yield seen
    finally:
        connection_created.disconnect(note)


def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    scope = {
        "type": "http",
        "http_version": "2",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in {"host": "testserver", "content-type": SCIM_JSON, **headers}.items()
        ],
    }

    async def run() -> tuple[int, bytes]:
        communicator: Any = ApplicationCommunicator
        talk = communicator(ASGIHandler(), scope)
        raw = b"" if body is None else orjson.dumps(body)
        await talk.send_input({"type": "http.request", "body": raw})
        start, pieces = await talk.receive_output(30), []
        while True:
            part = await talk.receive_output(30)
            pieces.append(part.get("body", b""))
            if not part.get("more_body"):
                break
        await talk.wait()
        return int(start["status"]), b"".join(pieces)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/scim/v2/Users", {"schemas": [CORE], "userName": "ann"}, 201),
        ("GET", "/scim/v2/Users", None, 200),
        ("GET", "/scim/v2/Users/none", None, 404),
        ("GET", "/scim/v2/health", None, 200),
        ("GET", "/scim/v2/nowhere", None, 404),
    ],
)
def test_no_connection_stays_open(method: str, path: str, body: Any, status: int) -> None:
    token = make_token()

    with opened() as seen:
        answer = ask(method, path, body, authorization=f"Bearer {token}")

    assert answer[0] == status
    assert seen
    assert [each for each in seen if each.connection is not None] == []


def test_nor_by_people() -> None:
    browser = Client()
    browser.force_login(staff("root", is_superuser=True))
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())

    with opened() as seen:
        answer = ask("GET", "/scim/list-provider-connections", cookie=cookie)

    assert answer[0] == 200
    assert seen
    assert [each for each in seen if each.connection is not None] == []


@pytest.mark.parametrize("middleware", ["AskingMiddleware", "TransactionMiddleware"])
def test_nor_by_middleware_that_asks_as_well(settings: Any, middleware: str) -> None:
    settings.MIDDLEWARE = [f"tests.rest.test_asgi.{middleware}", *settings.MIDDLEWARE]
    token = make_token()

    with opened() as seen:
        body = {"schemas": [CORE], "userName": "ann"}
        answer = ask("POST", "/scim/v2/Users", body, authorization=f"Bearer {token}")

    assert answer[0] == 201
    assert [each for each in seen if each.connection is not None] == []


def test_answer_in_pieces_is_whole() -> None:
    token = make_token()
    names = people(12)

    with opened() as seen:
        status, raw = ask("GET", "/scim/v2/Users", authorization=f"Bearer {token}")

    assert status == 200
    assert [user["userName"] for user in orjson.loads(raw)["Resources"]] == names
    assert len(raw) > 12 * LONG
    assert [each for each in seen if each.connection is not None] == []


def test_under_wsgi_a_persistent_connection_stays() -> None:
    client = SCIMTestClient(make_token())

    assert client.request("GET", "/Users").status == 200

    assert connection.connection is not None
