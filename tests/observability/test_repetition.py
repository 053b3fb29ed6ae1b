"""In an outage the log has one line for each request, and says why once a minute."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from django_scim_provider.observability import repetition
from django_scim_provider.observability.repetition import MAX_KINDS, Shown, log_fault
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db
ADAPTERS = "tests.observability.adapters"
REQUESTS = 30


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log as it is written, line by line."""
    formatter = logging.Formatter("%(levelname)s %(name)s %(message)s")
    text = "\n".join(formatter.format(record) for record in caplog.records)
    return text.splitlines()


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """Yield the requests that error trackers are told of."""
    found: list[Any] = []

    def note(**sent: Any) -> None:
        found.append(sent["request"])

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


@pytest.fixture
def outage(free_port: int) -> Iterator[Callable[[], None]]:
    """Return a function that takes the database away; it is there again afterwards."""
    own = connections["default"]

    def begin() -> None:
        settings = {**own.settings_dict, "HOST": "127.0.0.1", "PORT": str(free_port)}
        settings |= {"NAME": "x", "USER": "x", "OPTIONS": {}}
        connections["default"] = DatabaseWrapper(settings, "default")

    yield begin
    connections["default"] = own


def failing(client: SCIMTestClient) -> list[int]:
    body = {"schemas": [CORE], "userName": "ann", "name": {"familyName": "Lee"}}
    return [client.request("POST", "/Users", body).status for _ in range(REQUESTS)]


def check_one_line_each(caplog: pytest.LogCaptureFixture, kind: str) -> None:
    written = lines(caplog)
    traces = [record for record in caplog.records if record.exc_info]
    frames = len(written) - len(caplog.records)

    assert len(traces) == 1
    assert kind in str(traces[0].exc_text)
    # The fault with its traceback, Django's line on it, and one line for each request.
    assert len(caplog.records) == REQUESTS + 2
    assert sum("Traceback" in line for line in written) <= 3  # of one chain
    assert frames < 200
    of_requests = [line for line in written if "django_scim_provider.requests" in line]
    assert len(of_requests) == REQUESTS
    assert all(f" by {kind} in " in line for line in of_requests)


def test_outage_takes_one_line_for_each_request(
    outage: Callable[[], None], caplog: pytest.LogCaptureFixture, told: list[Any]
) -> None:
    client = SCIMTestClient(make_token())
    assert client.get("/Users").status == 200  # so that statements are compiled for our database
    caplog.clear()
    outage()

    statuses = failing(client)

    assert statuses == [503] * REQUESTS
    assert len(told) == REQUESTS
    check_one_line_each(caplog, "OperationalError")


def test_fault_of_the_project_takes_one_line_for_each_request(
    scim_settings: Callable[..., None], caplog: pytest.LogCaptureFixture, told: list[Any]
) -> None:
    scim_settings(ADAPTER=f"{ADAPTERS}.Talking")
    caplog.set_level(logging.WARNING)

    statuses = failing(SCIMTestClient(make_token()))

    assert statuses == [500] * REQUESTS
    assert len(told) == REQUESTS
    check_one_line_each(caplog, "ValueError")


def raised(kind: type[Exception]) -> Exception:
    try:
        raise kind
    except kind as caught:
        return caught


def raised_elsewhere() -> Exception:
    try:
        raise ValueError
    except ValueError as caught:
        return caught


def test_traceback_comes_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    clock, shown = Clock(), Shown()
    monkeypatch.setattr(repetition, "time", clock)

    first, again = shown.is_due(raised(ValueError)), shown.is_due(raised(ValueError))
    other, elsewhere = shown.is_due(raised(KeyError)), shown.is_due(raised_elsewhere())
    clock.now = 59.9
    before = shown.is_due(raised(ValueError))
    clock.now = 60.0
    after = shown.is_due(raised(ValueError))

    assert (first, again, other, elsewhere) == (True, False, True, True)
    assert (before, after) == (False, True)


def test_kinds_are_bounded() -> None:
    shown = Shown()
    kinds = [type(f"Fault{number}", (Exception,), {}) for number in range(MAX_KINDS + 10)]

    due = [shown.is_due(kind()) for kind in kinds]

    assert all(due)
    assert len(shown._at) == MAX_KINDS
    assert shown.is_due(kinds[0]())  # forgotten
    assert not shown.is_due(kinds[-1]())


def test_threads_show_a_kind_once() -> None:
    shown = Shown()

    seen = in_parallel(16, lambda number: shown.is_due(raised(ValueError)))

    assert seen.count(True) == 1


def test_fault_is_one_line_with_its_class(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("django_scim_provider")

    for _ in range(3):
        log_fault(logger, logging.ERROR, "It failed for %s", "acme", exc=raised(ValueError))

    assert caplog.messages == ["It failed for acme: ValueError"] * 3
    assert [record.exc_info is not None for record in caplog.records] == [True, False, False]
