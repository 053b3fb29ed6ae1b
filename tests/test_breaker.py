"""A cache that hangs or fails costs a request now and then, and not each of them."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache

from django_scim_provider.rest.throttling import breaker
from django_scim_provider.rest.throttling.breaker import CacheBreaker, LeftAlone
from django_scim_provider.rest.throttling.throttles import ProcessCounts
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.scim_client import SCIMTestClient
from tests.test_throttling import statuses


class Clock:
    """The time, as far as a breaker knows."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def patience() -> None:
    """Leave the breaker as it is."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(breaker, "time", made)
    return made


@pytest.fixture
def calls() -> list[str]:
    """Return the calls that reached the cache."""
    return []


@pytest.fixture
def ask(clock: Clock, calls: list[str]) -> Callable[..., str]:
    """Return a function that calls a cache, which takes some seconds or raises."""
    asked = CacheBreaker("default")

    def method(seconds: float, error: Exception | None) -> str:
        calls.append("called")
        clock.now += seconds
        if error is not None:
            raise error
        return "answer"

    def ask(seconds: float = 0, error: Exception | None = None) -> str:
        try:
            return asked.call(method, seconds, error)
        except LeftAlone:
            return "left alone"
        except (ConnectionError, ValueError) as raised:
            return type(raised).__name__

    return ask


def test_good_calls_go_on(ask: Callable[..., str]) -> None:
    assert [ask(seconds=breaker.SLOW), ask(error=ValueError()), ask()] == [
        "answer",
        "ValueError",
        "answer",
    ]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"seconds": breaker.SLOW + 0.1}, "answer"),
        ({"error": ConnectionError()}, "ConnectionError"),
    ],
)
def test_bad_call_is_followed_by_a_pause(
    ask: Callable[..., str], clock: Clock, calls: list[str], bad: Any, told: str
) -> None:
    first, second = ask(**bad), ask()
    clock.now += breaker.PAUSE - 0.1
    during = ask()
    clock.now += 0.1
    trial, again = ask(**bad), ask()
    clock.now += breaker.PAUSE
    good, after = ask(), ask()

    assert (first, second, during) == (told, "left alone", "left alone")
    assert (trial, again) == (told, "left alone")
    assert (good, after) == ("answer", "answer")
    assert len(calls) == 4


def test_one_of_many_tries_again(clock: Clock) -> None:
    asked, seen = CacheBreaker("default"), threading.Event()

    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asked.call(fail)
    clock.now += breaker.PAUSE
    results: list[str] = []

    def wait() -> None:
        asked.call(seen.wait)
        results.append("tried")

    trial = threading.Thread(target=wait)
    trial.start()
    while not asked._running:  # until the trial is under way
        pass
    with pytest.raises(LeftAlone):
        asked.call(fail)
    seen.set()
    trial.join()

    assert results == ["tried"]
    assert asked.call(str) == ""


def test_call_that_never_ends_keeps_others_away_and_is_forgotten(clock: Clock) -> None:
    asked, ends = CacheBreaker("default"), threading.Event()
    hanging = threading.Thread(target=asked.call, args=(ends.wait,))
    hanging.start()
    while not asked._running:
        pass

    before = asked.call(str)
    clock.now += breaker.SLOW + 0.1
    with pytest.raises(LeftAlone):
        asked.call(str)
    clock.now += breaker.PAUSE
    trial, after = asked.call(str), asked.call(str)
    ends.set()
    hanging.join()

    assert (before, trial, after) == ("", "", "")


def test_process_counts_few_keys() -> None:
    counts = ProcessCounts(3)

    seen = [counts.count(key, 1) for key in ("a", "b", "c", "a", "d", "b")]

    assert seen == [1, 1, 1, 2, 1, 2]
    assert counts.count("a", 1) == 1  # forgotten
    assert len(counts._counts) == 3


def test_process_counts_every_thread() -> None:
    counts = ProcessCounts(10)

    in_parallel(8, lambda number: [counts.count("a", 1) for _ in range(200)])

    assert counts.count("a", 0) == 1600


@pytest.fixture
def silent() -> Iterator[int]:
    """Return the port of a listener that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield int(listener.getsockname()[1])


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the keys that the cache was asked to count."""
    seen: list[str] = []
    original = RedisCache.incr

    def counted(self: Any, key: str, *arguments: Any, **more: Any) -> Any:
        seen.append(key)
        return original(self, key, *arguments, **more)

    monkeypatch.setattr(RedisCache, "incr", counted)
    return seen


@pytest.mark.django_db(transaction=True)
def test_redis_that_hangs_is_asked_once(
    settings: Any,
    scim_settings: Callable[..., None],
    silent: int,
    tried: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{silent}/0",
            "OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1},
        }
    }
    scim_settings(THROTTLE_RATES={"connection": "2/day", "failed_authentication": "3/day"})
    caplog.set_level(logging.WARNING)
    good, bad = SCIMTestClient(make_token()), SCIMTestClient("bad")

    passed, failed = statuses(good, 20), statuses(bad, 6)
    elsewhere = statuses(bad, 1, REMOTE_ADDR="192.0.2.9")

    assert passed == [200] * 20
    assert failed == [401, 401, 401, 429, 429, 429]
    assert elsewhere == [401]
    assert len(tried) == 1
    of_ours = [each for each in caplog.records if each.name == "django_scim_provider"]
    assert [each.levelname for each in of_ours] == ["WARNING", "ERROR"]
    assert "do without it for 30 seconds" in of_ours[0].getMessage()
