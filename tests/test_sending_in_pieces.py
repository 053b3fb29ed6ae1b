"""Sending piece by piece: what changes or breaks on the way, and who else handles the pieces."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, connections
from django.http import HttpRequest
from django.test import AsyncClient, Client
from rest_framework.request import Request

from django_scim_provider.models import LinkedAccount
from django_scim_provider.rest.content.renderers import SCIMJSONRenderer
from django_scim_provider.rest.content.streaming import MIN_PIECE, StreamedAnswer, response_of
from tests.factories import make_token
from tests.large_content import LONG, people, pieces_of
from tests.scim_client import SCIM_JSON


@pytest.fixture
def token(db: None) -> str:
    return make_token(provider_id="acme")


def test_what_is_deleted_meanwhile_is_left_out(token: str) -> None:
    names = people(12)
    pieces = pieces_of(token, "/Users?count=12")
    begun = next(pieces)

    LinkedAccount.objects.filter(user_name="u011").delete()
    answer = orjson.loads(begun + b"".join(pieces))

    assert answer["totalResults"] == 12
    assert answer["itemsPerPage"] == len(answer["Resources"]) == 11
    assert [user["userName"] for user in answer["Resources"]] == names[:-1]


def test_fault_on_the_way_breaks_the_answer_off_and_is_logged(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = people(12)
    pieces = pieces_of(token, "/Users?count=12")
    next(pieces)

    def fail(*_: Any) -> Any:
        raise OperationalError(" ".join(("the value of", *names[:1])))

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        list(pieces)

    (record,) = (each for each in caplog.records if "broke off" in each.getMessage())
    assert "users.list /Users" in record.getMessage()
    assert names[0] not in caplog.text


def test_middleware_of_the_project_sees_a_large_answer(token: str, settings: Any) -> None:
    names = people(6)
    settings.MIDDLEWARE = [
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.http.ConditionalGetMiddleware",
        f"{__name__}.reading_middleware",
        *settings.MIDDLEWARE,
    ]
    headers: Any = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT_ENCODING": "gzip"}

    response: Any = Client().get("/scim/v2/Users", **headers)

    assert response.headers["Content-Encoding"] == "gzip"
    shown = orjson.loads(gzip.decompress(b"".join(response)))
    assert [user["userName"] for user in shown["Resources"]] == names
    assert int(response.headers["X-Length"]) > 3 * LONG


def reading_middleware(get_response: Any) -> Any:
    """Read whole bodies, as projects do that log or sign what they send."""

    def middleware(request: HttpRequest) -> Any:
        response = get_response(request)
        response["X-Length"] = str(len(response.content))
        return response

    return middleware


@pytest.mark.django_db(transaction=True)
def test_asgi_server_sends_pieces_too() -> None:
    token = make_token(provider_id="acme")
    names = people(12)

    async def sizes_and_text() -> tuple[list[int], bytes]:
        headers: Any = {"AUTHORIZATION": f"Bearer {token}"}
        response: Any = await AsyncClient().get("/scim/v2/Users?count=12", **headers)
        assert response.is_async
        pieces = [piece async for piece in response.streaming_content]
        await sync_to_async(connections.close_all)()  # that of the thread which served the request
        return [len(piece) for piece in pieces], b"".join(pieces)

    sizes, text = asyncio.run(sizes_and_text())

    assert [user["userName"] for user in orjson.loads(text)["Resources"]] == names
    assert max(sizes) < 3 * LONG
    assert all(size >= MIN_PIECE for size in sizes[:-1])


class Indented(SCIMJSONRenderer):
    """A renderer of a project's own."""

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        """Return the body for people to read."""
        return orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2)


def test_renderer_of_the_project_gets_the_body_whole() -> None:
    request: Any = Request(HttpRequest())
    request.accepted_renderer, request.accepted_media_type = Indented(), SCIM_JSON

    response: Any = response_of(request, iter([b'{"a":', b"1}"]))
    response.accepted_renderer, response.accepted_media_type = Indented(), SCIM_JSON
    response.renderer_context = {}

    assert not isinstance(response, StreamedAnswer)
    assert response.render().content == b'{\n  "a": 1\n}'
