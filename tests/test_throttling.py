"""Limits on requests, counted in every kind of cache, by one client and by twenty at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import time_machine
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.management import call_command

from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.validators import parse_rate
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.scim_client import ERROR, Answer, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)

REDIS = "redis://127.0.0.1:6379/9"
BACKENDS = "django.core.cache.backends"


class OwnCache(BaseCache):
    """A project's own cache: ``add`` is atomic, ``incr`` is inherited and is not."""

    held: dict[str, Any] = {}  # noqa: RUF012 - shared by the threads, as one server is
    lock = threading.Lock()

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with self.lock:
            is_new = key not in self.held
            self.held.setdefault(key, value)
            return is_new

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self.held.get(key, default)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        time.sleep(0.001)  # so that a count that is not atomic loses some
        self.held[key] = value

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return key in self.held

    def delete(self, key: str, version: int | None = None) -> bool:
        return self.held.pop(key, None) is not None

    def clear(self) -> None:
        self.held.clear()


class BrokenCache(OwnCache):
    """A cache whose server is down."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        raise ConnectionError("no cache answers")

    get = incr = add


CACHES = {
    "locmem": {"BACKEND": f"{BACKENDS}.locmem.LocMemCache", "LOCATION": "throttling"},
    "own": {"BACKEND": "tests.test_throttling.OwnCache"},
    "redis": {"BACKEND": f"{BACKENDS}.redis.RedisCache", "LOCATION": REDIS},
    "database": {"BACKEND": f"{BACKENDS}.db.DatabaseCache", "LOCATION": "throttle_cache"},
    "broken": {"BACKEND": "tests.test_throttling.BrokenCache"},
}


@pytest.fixture(params=["locmem", "own", "redis", "database"])
def cache(request: pytest.FixtureRequest, settings: Any, scim_settings: Any) -> str:
    """Return the alias of an empty cache that counts."""
    settings.CACHES = {**CACHES, "default": CACHES["broken"]}
    if request.param == "redis":
        try:
            redis.from_url(REDIS, socket_timeout=3).ping()
        except redis.RedisError:
            pytest.skip("no Redis answers")
    if request.param == "database":
        call_command("createcachetable", verbosity=0)
    caches[request.param].clear()
    scim_settings(THROTTLE_CACHE=request.param)
    return str(request.param)


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    """Keep every test within one minute."""
    with time_machine.travel("2030-01-01T12:00:10Z", tick=False) as clock:
        yield clock


@pytest.fixture
def limit(scim_settings: Callable[..., None]) -> Callable[..., None]:
    def change(**rates: Any) -> None:
        none = {"connection": None, "discovery": None, "failed_authentication": None}
        scim_settings(THROTTLE_RATES=none | rates)

    return change


def statuses(client: SCIMTestClient, times: int, path: str = "/Users", **headers: Any) -> list[int]:
    return [client.get(path, **headers).status for _ in range(times)]


def is_scim_429(answer: Answer) -> bool:
    return (
        answer.status == 429
        and answer.json["schemas"] == [ERROR]
        and answer.json["status"] == "429"
        and 1 <= int(answer.headers["Retry-After"]) <= 60
    )


def test_so_many_pass_and_then_the_window_has_to_end(
    cache: str, limit: Callable[..., None], noon: Any
) -> None:
    limit(connection="3/minute")
    one, two = (SCIMTestClient(make_token(provider_id=name)) for name in ("one", "two"))

    first = statuses(one, 5)
    refused, other = one.get("/Users"), statuses(two, 2)
    noon.shift(60)
    later = statuses(one, 4)

    assert first == [200, 200, 200, 429, 429]
    assert is_scim_429(refused)
    assert int(refused.headers["Retry-After"]) == 50
    assert other == [200, 200]
    assert later == [200, 200, 200, 429]


def test_of_twenty_at_once_no_more_pass(cache: str, limit: Callable[..., None]) -> None:
    limit(connection="7/minute")
    token = make_token(provider_id="acme")

    seen = in_parallel(20, lambda number: SCIMTestClient(token).get("/Users").status)

    assert sorted(seen) == [200] * 7 + [429] * 13


def test_failures_are_limited_by_address_and_good_tokens_are_not(
    cache: str, limit: Callable[..., None]
) -> None:
    limit(failed_authentication="2/minute")
    good, bad = SCIMTestClient(make_token(provider_id="acme")), SCIMTestClient("bad")

    failures = statuses(bad, 4)
    elsewhere = statuses(bad, 3, REMOTE_ADDR="192.0.2.7")
    moved = statuses(bad, 1, HTTP_X_FORWARDED_FOR="203.0.113.9")

    assert failures == [401, 401, 429, 429]
    assert elsewhere == [401, 401, 429]
    assert moved == [429]
    assert statuses(good, 3) == [200, 200, 200]


def test_address_behind_proxies_is_the_last_that_they_saw(
    cache: str, limit: Callable[..., None], scim_settings: Any
) -> None:
    limit(failed_authentication="1/minute")
    scim_settings(NUM_PROXIES=1)
    bad = SCIMTestClient("bad")

    one = statuses(bad, 2, HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.1")
    forged = statuses(bad, 1, HTTP_X_FORWARDED_FOR="203.0.113.10, 198.51.100.1")
    other = statuses(bad, 1, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.11")
    direct = statuses(bad, 1)

    assert (one, forged, other, direct) == ([401, 429], [429], [401], [401])


def test_public_discovery_is_limited_by_address(
    cache: str, limit: Callable[..., None], scim_settings: Any
) -> None:
    limit(discovery="2/minute")
    scim_settings(PUBLIC_DISCOVERY=True)
    nobody = SCIMTestClient(None)

    assert statuses(nobody, 3, "/Schemas") == [200, 200, 429]
    assert statuses(nobody, 1, "/Schemas", REMOTE_ADDR="192.0.2.7") == [200]


def test_broken_cache_locks_nobody_out_and_lets_nobody_guess(
    settings: Any,
    scim_settings: Any,
    limit: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CACHES = {"default": CACHES["broken"]}
    limit(connection="1/minute", failed_authentication="1/minute")
    token = make_token(provider_id="acme")
    caplog.set_level(logging.ERROR)

    assert statuses(SCIMTestClient(token), 3) == [200, 200, 200]
    assert statuses(SCIMTestClient("bad"), 3) == [401, 429, 429]
    assert "cannot be counted" in caplog.text
    assert token not in caplog.text


def test_lock_of_a_process_that_died_holds_nobody_up(
    settings: Any, scim_settings: Any, limit: Callable[..., None], monkeypatch: Any
) -> None:
    settings.CACHES = {"default": CACHES["own"]}
    OwnCache.held.clear()
    monkeypatch.setattr("django_scim_provider.rest.throttling.throttles.LOCK_SECONDS", 0.05)
    limit(connection="9/minute")
    client = SCIMTestClient(make_token(provider_id="acme"))
    client.get("/Users")
    (counter,) = OwnCache.held
    OwnCache.held[f"{counter}:lock"] = "of the dead"

    assert statuses(client, 1) == [200]


def test_refused_change_leaves_no_event(
    settings: Any, limit: Callable[..., None], django_assert_num_queries: Any
) -> None:
    settings.CACHES = {"default": CACHES["locmem"]}
    caches["default"].clear()
    limit(connection="1/minute")
    client = SCIMTestClient(make_token(provider_id="acme"))
    client.get("/Users")
    before = ProvisioningEvent.objects.count()

    with django_assert_num_queries(1):  # the token's row
        answer = client.request("POST", "/Users", {})

    assert answer.status == 429
    assert ProvisioningEvent.objects.count() == before


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(ValueError, match="rate"):
        yield


@pytest.mark.parametrize("rate", ["0/minute", "-1/minute", "5/fortnight", "many", "5", "/minute"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with refused():
        parse_rate(rate)


def test_rates_are_read() -> None:
    assert parse_rate("100/hour") == (100, 3600)
    assert parse_rate(None) is None


@pytest.mark.parametrize("cache", ["locmem", "own"], indirect=True)
def test_bulk_request_counts_as_its_operations(cache: str, limit: Callable[..., None]) -> None:
    limit(connection="10/minute")
    client = SCIMTestClient(make_token())
    operation = {"method": "DELETE", "path": "/Users/x"}
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [operation] * 9,
    }

    answers = [client.request("POST", "/Bulk", body), client.get("/Users"), client.get("/Users")]

    assert [answer.status for answer in answers] == [200, 200, 429]
