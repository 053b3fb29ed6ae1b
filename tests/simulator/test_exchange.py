"""What an exchange makes of answers: statuses, throttling, silence, and what servers repeat."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from django_scim_provider.tools.simulator.exchange import (
    PATIENCE,
    TRIES,
    Exchange,
    GivenUp,
    NoAnswer,
    Reply,
)
from django_scim_provider.tools.simulator.expectations import has_id
from tests.simulator.playing import TOKEN, Time, answering, reply, request

ERROR = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
    "status": "409",
    "scimType": "uniqueness",
    "detail": "userName is taken.",
}


def exchange(*replies: Reply, time: Time | None = None, rate: float | None = None) -> Exchange:
    pace = (time or Time()).pace(rate)
    return Exchange(transport=answering(*replies), token=TOKEN, pace=pace)


def silent(method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
    raise NoAnswer("no answer (ReadTimeout)")


def send_often(sent: Exchange) -> None:
    for _ in range(PATIENCE + 1):
        sent.send(request())


def test_answer_as_needed_is_returned_and_counted() -> None:
    sent = exchange(reply(200, {"id": "1"}))

    answer = sent.send(request(check=has_id))

    assert answer is not None
    assert answer.body == {"id": "1"}
    assert (len(sent.operations["Ask"].milliseconds), sent.failures) == (1, [])


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        pytest.param(reply(500), "the status is 500, not 200", id="status"),
        pytest.param(reply(301), "the status is 301, not 200", id="redirect"),
        pytest.param(reply(200), "the resource has no id", id="no-body"),
        pytest.param(reply(200, {"id": 1}), "the resource has no id", id="id-no-string"),
        pytest.param(reply(200, ["id"]), "the resource has no id", id="no-object"),
        pytest.param(Reply(200, {}, b"<html>"), "the body is not JSON", id="html"),
        pytest.param(Reply(200, {}, b"[" * 100_000), "the body is not JSON", id="nested"),
    ],
)
def test_other_answer_is_a_failure(answer: Reply, wrong: str) -> None:
    sent = exchange(answer)

    got = sent.send(request(check=has_id))

    assert got is None
    assert [failure.wrong for failure in sent.failures] == [wrong]


def test_failure_tells_status_type_and_detail() -> None:
    sent = exchange(reply(409, ERROR))

    sent.send(request(about="Ann Lee"))

    (failure,) = sent.failures
    assert (failure.status, failure.scim_type) == (409, "uniqueness")
    assert (failure.detail, failure.about) == ("userName is taken.", "Ann Lee")


def test_throttled_request_is_sent_again_after_the_wait() -> None:
    time = Time()
    sent = exchange(reply(429, retry_after="7"), reply(200, {"id": "1"}), time=time)

    answer = sent.send(request())

    assert answer is not None
    assert (time.slept, sent.waited, sent.failures) == ([7], 7, [])
    assert sent.operations["Ask"].throttled == 1
    assert len(sent.operations["Ask"].milliseconds) == 1


def test_server_that_throttles_for_ever_is_a_failure() -> None:
    time = Time()
    sent = exchange(reply(429), time=time)

    sent.send(request())

    assert time.slept == [1, 2, 4, 8, 16]
    assert sent.operations["Ask"].throttled == TRIES - 1
    assert [failure.status for failure in sent.failures] == [429]


def test_silence_is_a_failure_and_then_the_end() -> None:
    sent = Exchange(transport=silent, token=TOKEN, pace=Time().pace())

    with pytest.raises(GivenUp, match="no answer"):
        send_often(sent)

    assert [failure.status for failure in sent.failures] == [None] * PATIENCE


def test_token_that_opens_nothing_is_the_end() -> None:
    sent = exchange(reply(401))

    with pytest.raises(GivenUp, match="401"):
        send_often(sent)

    assert len(sent.failures) == PATIENCE


def test_other_refusals_are_not_the_end() -> None:
    sent = exchange(reply(403))

    send_often(sent)

    assert len(sent.failures) == PATIENCE + 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reply(400, {"detail": f"bad Bearer {TOKEN}", "scimType": TOKEN}), id="scim"),
        pytest.param(Reply(500, {}, f"<p>{TOKEN}\x1b[2J".encode()), id="page"),
    ],
)
def test_failure_repeats_no_token_and_no_control_characters(answer: Reply) -> None:
    sent = exchange(answer)

    sent.send(request())

    told = repr(sent.failures) + repr(sent)
    assert TOKEN not in told
    assert "\x1b" not in "".join(one.detail for one in sent.failures)
    assert "(token)" in told


def test_headers_are_the_providers_and_the_token() -> None:
    seen: list[Mapping[str, str]] = []

    def send(method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        seen.append(headers)
        return reply(200, {})

    sent = Exchange(transport=send, token=TOKEN, headers={"Accept": "x"}, pace=Time().pace())
    sent.send(request())
    sent.send(request(authorization="non-token"))

    assert seen == [
        {"Accept": "x", "Authorization": f"Bearer {TOKEN}"},
        {"Accept": "x", "Authorization": "non-token"},
    ]


def test_rate_is_kept_between_requests() -> None:
    time = Time()
    sent = exchange(reply(200, {}), time=time, rate=4)

    for _ in range(3):
        sent.send(request())

    assert time.slept == [0.25, 0.25]


def test_rate_makes_up_for_no_slow_answer() -> None:
    time = Time()
    pace = time.pace(rate=2)

    pace.keep()
    time.now += 10
    pace.keep()
    pace.keep()

    assert time.slept == [0.5]


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        pytest.param("30", 30, id="seconds"),
        pytest.param("0", 0, id="none"),
        pytest.param("Thu, 01 Jan 1970 00:17:00 GMT", 20, id="date"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", 0, id="past"),
        pytest.param("86400", 300, id="too-long"),
        pytest.param("9" * 400, 300, id="absurd"),
        pytest.param(None, 2, id="missing"),
        pytest.param("soon", 2, id="unreadable"),
    ],
)
def test_wait_is_what_retry_after_says(retry_after: str | None, seconds: float) -> None:
    time = Time()

    waited = time.pace().wait(retry_after, 2)

    assert (waited, time.slept) == (seconds, [seconds])
