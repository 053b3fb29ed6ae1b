"""Answers 429: the doctor says for how long, and waits as it is asked to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from django_scim_provider.tools.interruption import Interruption
from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import Environ, Wrapper, answer, instead

SCIM = b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "429"}'


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that the doctor would have slept."""
    slept: list[float] = []
    monkeypatch.setattr(Interruption, "sleep", lambda self, seconds: slept.append(seconds))
    return slept


def busy(times: int, *headers: tuple[str, str], token: bool, body: bytes = SCIM) -> Wrapper:
    """Refuse the first requests, with or without a token."""
    left = [None] * times

    def refuses(environ: Environ) -> bool:
        applies = ("HTTP_AUTHORIZATION" in environ) is token and bool(left)
        return applies and left.pop() is None

    return instead(answer("429 Too Many Requests", body, *headers), refuses)


def test_wait_is_as_long_as_the_server_asks(
    serve: Serve, examine: Examine, token: str, waits: list[float]
) -> None:
    server = serve(busy(2, ("Retry-After", "7"), token=True))

    found = examine(server.url, token, "--max-wait", "20")

    assert waits == [7, 7]
    assert (found.code, found.ids) == (1, ["throttled"])
    assert "after 7 seconds" in found.seen
    assert "waiting 7 seconds" in found.err
    assert found.report["checks"]["probe-user"] == "passed"


def test_wait_may_be_a_date(serve: Serve, examine: Examine, token: str, waits: list[float]) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)

    examine(serve(busy(1, ("Retry-After", at), token=True)).url, token, "--max-wait", "600")

    assert len(waits) == 1
    assert 1 <= waits[0] <= 301


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        pytest.param([("Retry-After", "90")], "after 90 seconds", id="too-long"),
        pytest.param([], "an unspecified time", id="not-told"),
        pytest.param([("Retry-After", "soon")], "an unspecified time", id="nonsense"),
    ],
)
def test_doctor_stops_where_it_may_not_wait(
    serve: Serve,
    examine: Examine,
    token: str,
    waits: list[float],
    headers: list[tuple[str, str]],
    words: str,
) -> None:
    found = examine(serve(busy(1, *headers, token=True)).url, token, "--max-wait", "60")

    assert (found.ids, waits) == (["throttled"], [])
    assert words in found.seen
    assert found.report["checks"]["discovery"] == "skipped"


def test_limit_on_the_address_is_another_one(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(busy(1, ("Retry-After", "60"), token=False)).url, token)

    assert found.ids == ["address-throttled"]
    assert "NUM_PROXIES" in found.report["findings"][-1]["change"]


def test_limit_of_a_proxy_is_another_one(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(busy(1, token=True, body=b"slow down")).url, token)

    assert found.ids == ["throttled-by-proxy"]


def test_clean_up_waits_even_where_the_rest_does_not(
    serve: Serve, examine: Examine, token: str, waits: list[float]
) -> None:
    put: list[str] = []

    def refuses(environ: Environ) -> bool:
        """Refuse the PUT, and the first request after it."""
        if put or environ["REQUEST_METHOD"] == "PUT":
            put.append(environ["REQUEST_METHOD"])
        return 0 < len(put) < 3

    limit = answer("429 Too Many Requests", SCIM, ("Retry-After", "40"))

    found = examine(serve(instead(limit, refuses)).url, token)

    assert found.ids == ["throttled"]
    assert waits == [40]
