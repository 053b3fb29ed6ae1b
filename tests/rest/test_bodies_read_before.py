"""Middleware of the project that reads the body before the view does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.test_asgi import ask
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


class BodyMiddleware:
    """Reads as Django recommends: the body is kept for others."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        assert isinstance(request.body, bytes)
        return self._get_response(request)


class StreamMiddleware(BodyMiddleware):
    """Takes the body out of the stream, so that nobody else has it."""

    def __call__(self, request: Any) -> Any:
        request.read(7)
        return self._get_response(request)


@pytest.fixture
def middleware(request: pytest.FixtureRequest, settings: Any) -> None:
    path = f"tests.rest.test_bodies_read_before.{request.param}"
    settings.MIDDLEWARE = [path, *settings.MIDDLEWARE]


ANN = {"schemas": [CORE], "userName": "ann"}


@pytest.mark.parametrize("middleware", ["BodyMiddleware"], indirect=True)
def test_body_that_is_kept_is_read_again(middleware: None, scim_client: SCIMTestClient) -> None:
    assert scim_client.request("POST", "/Users", ANN).status == 201


@pytest.mark.parametrize("middleware", ["StreamMiddleware"], indirect=True)
@pytest.mark.parametrize("path", ["/Users", "/Bulk", "/Users/.search"])
def test_stream_that_is_used_up_is_explained(
    middleware: None, scim_client: SCIMTestClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = scim_client.request("POST", path, ANN)

    assert answer.status == 503
    assert "middleware" in answer.json["detail"]
    assert "request.body" in answer.json["detail"]
    assert "Retry-After" not in answer.headers
    assert "middleware" in caplog.text


@pytest.mark.parametrize("middleware", ["StreamMiddleware"], indirect=True)
def test_requests_without_a_body_do_not_mind(middleware: None, scim_client: SCIMTestClient) -> None:
    assert scim_client.request("GET", "/Users").status == 200


@pytest.mark.parametrize("middleware", ["StreamMiddleware"], indirect=True)
def test_under_asgi_it_is_read_from_the_start(
    middleware: None, scim_client: SCIMTestClient
) -> None:
    answer = ask("POST", "/scim/v2/Users", ANN, authorization=f"Bearer {scim_client.token}")

    assert answer[0] == 201
