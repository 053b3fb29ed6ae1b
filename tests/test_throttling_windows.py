"""Limits at the edges of windows, in what is logged, and what counting costs."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.core.management import call_command

from tests.factories import make_token
from tests.scim_client import SCIMTestClient
from tests.test_throttling import BACKENDS, CACHES, OwnCache, is_scim_429, statuses

pytestmark = pytest.mark.django_db(transaction=True)

INHERITED = {"BACKEND": "tests.test_throttling_windows.BrokenInheritingCache"}


class BrokenInheritingCache(OwnCache):
    """A cache whose server is down, and that inherits ``incr``."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        raise ConnectionError("no cache answers")

    get = add


def use(settings: Any, cache: dict[str, str]) -> None:
    settings.CACHES = {"default": cache}
    if cache["BACKEND"] == f"{BACKENDS}.db.DatabaseCache":
        call_command("createcachetable", verbosity=0)
    caches["default"].clear()


@pytest.mark.parametrize(
    ("second", "wait"), [("00", "60"), ("00.5", "60"), ("10", "50"), ("59.9", "1")]
)
def test_retry_after_is_when_the_window_ends(
    settings: Any, scim_settings: Any, second: str, wait: str
) -> None:
    use(settings, CACHES["locmem"])
    scim_settings(THROTTLE_RATES={"connection": "1/minute"})
    client = SCIMTestClient(make_token(provider_id="acme"))

    with time_machine.travel(f"2030-01-01T12:00:{second}Z", tick=False):
        client.get("/Users")
        refused = client.get("/Users")

    assert is_scim_429(refused)
    assert refused.headers["Retry-After"] == wait


@pytest.mark.parametrize("cache", ["locmem", "database"])
def test_long_window_outlives_the_timeout_of_the_cache(
    settings: Any, scim_settings: Any, cache: str
) -> None:
    use(settings, CACHES[cache])
    scim_settings(THROTTLE_RATES={"connection": "3/hour"})
    client = SCIMTestClient(make_token(provider_id="acme"))

    with time_machine.travel("2030-01-01T12:00:10Z", tick=False) as clock:
        first = statuses(client, 4)
        clock.shift(301)  # Django's default TIMEOUT is 300 seconds
        later = statuses(client, 1)

    assert (first, later) == ([200, 200, 200, 429], [429])


def test_refused_strangers_get_scim_errors_and_pass_in_the_next_window(
    settings: Any, scim_settings: Any
) -> None:
    use(settings, CACHES["locmem"])
    rates = {"discovery": "1/minute", "failed_authentication": "1/minute"}
    scim_settings(PUBLIC_DISCOVERY=True, THROTTLE_RATES=rates)
    bad, nobody = SCIMTestClient("bad"), SCIMTestClient(None)

    with time_machine.travel("2030-01-01T12:00:10Z", tick=False) as clock:
        first = statuses(bad, 1) + statuses(nobody, 1, "/Schemas")
        refused = [bad.get("/Users"), nobody.get("/Schemas")]
        rotated = [
            bad.get("/Users", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").status
            for number in range(5)
        ]
        clock.shift(60)
        later = statuses(bad, 1) + statuses(nobody, 1, "/Schemas")

    assert first == [401, 200]
    assert all(is_scim_429(answer) for answer in refused)
    assert rotated == [429] * 5
    assert later == [401, 200]


@pytest.mark.parametrize("cache", [CACHES["broken"], INHERITED], ids=["own-incr", "inherited"])
def test_failing_cache_logs_neither_tokens_nor_addresses(
    settings: Any, scim_settings: Any, caplog: pytest.LogCaptureFixture, cache: dict[str, str]
) -> None:
    use(settings, cache)
    scim_settings(THROTTLE_RATES={"connection": "1/minute", "failed_authentication": "1/minute"})
    token = make_token(provider_id="acme")
    caplog.set_level(logging.DEBUG)

    good = statuses(SCIMTestClient(token), 3, REMOTE_ADDR="192.0.2.77")
    bad = statuses(SCIMTestClient("a-wrong-token"), 3, REMOTE_ADDR="192.0.2.77")

    assert (good, bad) == ([200] * 3, [401, 429, 429])
    assert caplog.text.count("cannot be counted") == 1
    for secret in (token, "a-wrong-token", "192.0.2.77"):
        assert secret not in caplog.text


@pytest.mark.parametrize("rate", [None, "100/minute"])
def test_counting_takes_no_query(
    settings: Any, scim_settings: Any, django_assert_num_queries: Any, rate: str | None
) -> None:
    use(settings, CACHES["locmem"])
    scim_settings(THROTTLE_RATES={"connection": rate})
    client = SCIMTestClient(make_token(provider_id="acme"))
    client.get("/ServiceProviderConfig")

    with django_assert_num_queries(1):  # the token's row
        answer = client.get("/ServiceProviderConfig")

    assert answer.status == 200


def test_none_lifts_the_default_limit(settings: Any, scim_settings: Any) -> None:
    use(settings, CACHES["locmem"])
    bad = SCIMTestClient("bad")

    with time_machine.travel("2030-01-01T12:00:10Z", tick=False):
        scim_settings(THROTTLE_RATES={"failed_authentication": None})
        unlimited = statuses(bad, 61)
        scim_settings(THROTTLE_RATES={})
        by_default = statuses(bad, 61)

    assert unlimited == [401] * 61
    assert by_default == [401] * 60 + [429]
