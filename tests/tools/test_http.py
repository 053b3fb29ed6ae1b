"""The one way over HTTP that doctor and simulator have."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from django_scim_provider.tools.addresses import BaseURL
from django_scim_provider.tools.answers import HTTPAnswer, NoAnswer
from django_scim_provider.tools.http import NO_TOKEN, HTTPExchange

ROOT = BaseURL("https://scim.example.com/scim/v2")
TOKEN = "TopSecretToken0123456789"


def exchange(answer: Callable[[httpx2.Request], httpx2.Response]) -> HTTPExchange:
    transport = httpx2.MockTransport(answer)
    return HTTPExchange(ROOT, TOKEN, headers={"Accept": "x"}, transport=transport)


class Server:
    """Remembers what it is asked, and gives these statuses, the last one again and again."""

    def __init__(self, *statuses: int, **headers: str) -> None:
        self.statuses, self.headers = list(statuses), headers
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return httpx2.Response(status, headers=self.headers)


def test_token_goes_to_its_own_origin_only() -> None:
    server = Server(200)

    with exchange(server) as sent:
        sent.send("GET", "/Users")
        sent.send("GET", "/Users", token=NO_TOKEN)
        sent.send("GET", "/Users", root="http://scim.example.com/scim/v2")
        with pytest.raises(AssertionError, match="origin"):
            sent.send("GET", "/Users", root="http://scim.example.com/scim/v2", token=TOKEN)

    found = [request.headers.get("Authorization") for request in server.requests]
    assert found == [f"Bearer {TOKEN}", None, None]


def test_redirect_is_an_answer() -> None:
    server = Server(301, location="https://other.example.com/")

    with exchange(server) as sent:
        answer = sent.send("GET", "/Users")

    assert (answer.is_redirect, len(server.requests)) == (True, 1)


def test_throttled_request_is_sent_again_as_long_as_the_caller_waits() -> None:
    server = Server(429)
    waited: list[int] = []

    def wait(answer: HTTPAnswer, tries: int) -> bool:
        waited.append(tries)
        return tries < 3

    ids = iter("abc")
    with exchange(server) as sent:
        answer = sent.send(
            "GET", "/Users", before=lambda: {"X-Request-ID": next(ids)}, throttled=wait
        )

    assert (answer.status, answer.request_id, waited) == (429, "c", [1, 2, 3])
    assert [request.headers["X-Request-ID"] for request in server.requests] == ["a", "b", "c"]


def test_other_answers_are_not_waited_for() -> None:
    def wait(answer: HTTPAnswer, tries: int) -> bool:
        raise AssertionError("nothing was throttled")

    with exchange(Server(503)) as sent:
        assert sent.send("GET", "/Users", throttled=wait).status == 503


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        pytest.param({"a": "ö"}, "application/scim+json", id="json"),
        pytest.param(b"{}", "application/scim+json", id="bytes"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_body_has_a_media_type(body: object, media_type: str | None) -> None:
    server = Server(200)

    with exchange(server) as sent:
        sent.send("POST", "/Users", body=body)

    assert server.requests[0].headers.get("Content-Type") == media_type


def test_error_of_the_connection_is_no_answer_and_not_repeated() -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError(f"Bearer {TOKEN}")

    with exchange(fail) as sent, pytest.raises(NoAnswer) as caught:
        sent.send("GET", "/Users")

    assert (str(caught.value), caught.value.request) == ("no answer (ReadError)", "GET /Users")
    assert isinstance(caught.value.__cause__, httpx2.ReadError)


def test_address_that_cannot_be_asked_for_is_no_answer() -> None:
    with exchange(Server(200)) as sent, pytest.raises(NoAnswer, match="InvalidURL"):
        sent.send("GET", "/Users/\x00")
