"""``/health`` tells load balancers whether the database answers, and nobody anything else."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.schemas.definitions import ResourceType, Schema
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.registry import Registration, get_registry
from django_scim_provider.rest import probes as health
from tests.inventory.scim import PrinterStore
from tests.scim_client import ERROR, SCIMTestClient

pytestmark = pytest.mark.django_db

ADDRESSES = ["/scim/v2/health", "/scim/v2/health/"]
TAKEN = ("/health", "/Health", "/Schemas", "/ResourceTypes", "/Bulk", "/ME", "/Users", "/groups")


def registered(endpoint: str) -> Registration:
    schema = Schema(id="urn:example:x", name="X", attributes=())
    resource_type = ResourceType(name="X", endpoint=endpoint, description="", schema=schema)
    return Registration(resource_type=resource_type, store=PrinterStore)


@pytest.fixture
def limited(settings: Any, scim_settings: Callable[..., None]) -> None:
    """Let everybody ask once a day."""
    locmem = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": locmem, "LOCATION": "health"}}
    caches["default"].clear()
    once = dict.fromkeys(("connection", "discovery", "failed_authentication"), "1/day")
    scim_settings(THROTTLE_RATES=once, PUBLIC_DISCOVERY=True)


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("address", ADDRESSES)
def test_it_answers_whoever_asks_and_counts_nowhere(
    client: Client, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bad: Any = {"HTTP_AUTHORIZATION": "Bearer bad"}

    with CaptureQueriesContext(connection) as asked:
        answers = [client.get(address), client.head(address), client.get(address, **bad)]
    queries = [query["sql"] for query in asked.captured_queries]
    logged = [record for record in caplog.records if record.levelno >= logging.INFO]
    stranger = SCIMTestClient("bad").get("/Users")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.content for answer in answers] == [b"ok", b"", b"ok"]
    assert {answer["Cache-Control"] for answer in answers} == {"no-store, private"}
    assert answers[1]["Content-Length"] == "2"
    assert queries == ["SELECT 1"] * 3
    assert logged == []
    assert not ProvisioningEvent.objects.exists()
    assert stranger.status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_405(client: Client, method: str) -> None:
    answer = client.generic(method, ADDRESSES[0])

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json()["schemas"] == [ERROR]


def test_it_is_outside_of_the_transaction_of_a_request() -> None:
    view: Any = health.HealthView.as_view()

    assert view._non_atomic_requests == {"default"}


@pytest.fixture
def ask(client: Client) -> Iterator[Callable[[int], Any]]:
    """Return a function that asks a server whose database is behind a port."""
    own = connections["default"]

    def asked(port: int) -> Any:
        settings = {**own.settings_dict, "HOST": "127.0.0.1", "PORT": str(port), "OPTIONS": {}}
        connections["default"] = DatabaseWrapper({**settings, "NAME": "x", "USER": "x"}, "default")
        return client.get(ADDRESSES[0])

    yield asked
    connections["default"] = own


def unavailable(answer: Any) -> bool:
    return bool(answer.status_code == 503 and answer.json()["status"] == "503")


def test_database_that_is_away_is_503(ask: Callable[[int], Any], free_port: int) -> None:
    answers = [ask(free_port) for _ in range(2 * health.MAX_WAITING)]

    assert all(unavailable(answer) for answer in answers)
    assert "127.0.0.1" not in answers[0].content.decode()


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Return a listener that never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


def test_database_that_hangs_is_503_and_holds_few_threads(
    ask: Callable[[int], Any], silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_places", threading.BoundedSemaphore(health.MAX_WAITING))
    monkeypatch.setattr(health, "WAIT", 0.05)
    before = set(threading.enumerate())

    answers = [ask(silent.getsockname()[1]) for _ in range(3 * health.MAX_WAITING)]
    hanging = set(threading.enumerate()) - before
    silent.close()  # which ends what hangs
    for thread in hanging:
        thread.join()
    places = [health._places.acquire(blocking=False) for _ in range(health.MAX_WAITING + 1)]

    assert all(unavailable(answer) for answer in answers)
    assert len(hanging) == health.MAX_WAITING
    assert places == [True] * health.MAX_WAITING + [False]


@pytest.mark.django_db(transaction=True)
def test_connection_of_a_server_that_came_back_is_no_fault(client: Client) -> None:
    connection.ensure_connection()
    connection.connection.close()  # the server did, as far as anybody can tell

    assert client.get(ADDRESSES[0]).status_code == 200


@pytest.mark.parametrize("endpoint", TAKEN)
def test_no_resource_type_takes_its_address(
    endpoint: str, scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.inventory.scim.PRINTERS", registered(endpoint))
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])

    with pytest.raises(ImproperlyConfigured, match=f"endpoint {endpoint} of X"):
        get_registry()


def test_resource_type_of_the_project_is_not_there_twice(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"] * 2)

    with pytest.raises(ImproperlyConfigured, match="/Printers of Printer"):
        get_registry()
