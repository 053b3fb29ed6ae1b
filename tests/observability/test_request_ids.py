"""The id of the request: which one it is, who gets to see it, and when it ends."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.observability import (
    RequestIDFilter,
    current_exchange,
    current_request_id,
)
from django_scim_provider.rest.observation import ObservedView
from django_scim_provider.signals import user_provisioned
from django_scim_provider.urls import urlpatterns
from tests.factories import make_token
from tests.observability.adapters import HERE as ADAPTERS
from tests.observability.adapters import Logging
from tests.observability.conftest import Records
from tests.parallel import in_parallel
from tests.scim_client import SCIMTestClient

FRESH = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def adapter(scim_settings: Callable[..., None]) -> Iterator[list[Any]]:
    """Use the adapter ``Logging``; return what it is told."""
    scim_settings(ADAPTER=f"{ADAPTERS}.Logging")
    yield Logging.told
    Logging.told.clear()


@pytest.mark.parametrize(
    "sent",
    ["", "two words", "ann@x.example", "a" * 65, "a\nb", "é"],
    ids=["absent", "blank", "address", "long", "newline", "letter"],
)
def test_id_that_cannot_be_used_is_replaced(
    scim_client: SCIMTestClient, records: Records, sent: str
) -> None:
    answer = scim_client.get("/Users", HTTP_X_REQUEST_ID=sent)

    assert FRESH.fullmatch(answer.headers["X-Request-ID"])
    assert records()[0].request_id == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/Users", 200), ("/Users?filter=x", 400), ("/nowhere", 404), ("/Me", 501)],
)
def test_id_of_the_request_comes_back(scim_client: SCIMTestClient, path: str, status: int) -> None:
    answer = scim_client.get(path, HTTP_X_REQUEST_ID="7f.3-a_B")

    assert answer.status == status
    assert answer.headers["X-Request-ID"] == "7f.3-a_B"


@pytest.mark.parametrize("path", ["/Users", "/nowhere"])
def test_id_comes_back_to_strangers(db: None, path: str) -> None:
    answer = SCIMTestClient(None).get(path, HTTP_X_REQUEST_ID="7f.3-a_B")

    assert answer.status == 401
    assert answer.headers["X-Request-ID"] == "7f.3-a_B"


def test_fault_comes_back_with_the_id(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER=f"{ADAPTERS}.Doubling")

    answer = scim_client.request("POST", "/Users", {"userName": "ann"}, HTTP_X_REQUEST_ID="r-1")

    assert answer.status == 500
    assert answer.headers["X-Request-ID"] == "r-1"


def test_adapter_and_event_have_the_id(scim_client: SCIMTestClient, adapter: list[Any]) -> None:
    scim_client.request("POST", "/Users", {"userName": "ann"}, HTTP_X_REQUEST_ID="r-1")

    ((id, exchange),) = adapter
    assert (id, exchange.provider_id, exchange.operation) == ("r-1", "acme", "users.create")
    assert ProvisioningEvent.objects.get(action="create").request_id == "r-1"


@pytest.mark.django_db(transaction=True)
def test_receivers_after_the_commit_have_the_id(request: pytest.FixtureRequest) -> None:
    received: list[str | None] = []

    def receive(**sent: Any) -> None:
        received.append(current_request_id())

    user_provisioned.connect(receive)
    request.addfinalizer(lambda: user_provisioned.disconnect(receive))
    client = SCIMTestClient(make_token())

    client.request("POST", "/Users", {"userName": "ann"}, HTTP_X_REQUEST_ID="r-1")

    assert received == ["r-1"]


def test_lines_of_the_project_have_the_id_by_the_filter(
    scim_client: SCIMTestClient, adapter: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(RequestIDFilter())
    caplog.handler.setFormatter(logging.Formatter("%(request_id)s %(provider_id)s %(message)s"))

    scim_client.request("POST", "/Users", {"userName": "ann"}, HTTP_X_REQUEST_ID="r-1")
    logging.getLogger("shop").info("outside")

    assert "r-1 acme an onboarding mail is sent\n" in caplog.text
    assert "- - outside\n" in caplog.text


def test_filter_can_be_named_in_logging_and_keeps_what_is_there() -> None:
    path = "django_scim_provider.observability.RequestIDFilter"
    config = logging.config.DictConfigurator({"version": 1})
    found = config.configure_filter({"()": path})
    record = logging.LogRecord("x", logging.INFO, "", 0, "text", (), None)
    record.__dict__["request_id"] = "of the project"

    assert found.filter(record)

    assert record.__dict__["request_id"] == "of the project"
    assert record.__dict__["provider_id"] == "-"


def test_request_is_the_current_one_no_more_when_it_ended(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_client.create_user("ann")
    assert current_exchange() is None

    scim_settings(ADAPTER=f"{ADAPTERS}.Leaving")
    with pytest.raises(SystemExit):
        scim_client.create_user("bob")

    assert current_exchange() is None
    assert current_request_id() is None


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_mix(adapter: list[Any], records: Records) -> None:
    token = make_token()

    def create(number: int) -> str:
        headers: dict[str, Any] = {"HTTP_X_REQUEST_ID": f"r-{number}"}
        answer = SCIMTestClient(token).request(
            "POST", "/Users", {"userName": f"user{number}"}, **headers
        )
        assert current_request_id() is None
        return f"{answer.headers['X-Request-ID']} {answer.json['id']}"

    answered = in_parallel(8, create)

    assert {id for id, _ in adapter} == {f"r-{number}" for number in range(8)}
    assert sorted(f"{each.request_id} {each.resource_id}" for each in records()) == answered


def test_every_view_that_serves_connections_is_observed() -> None:
    views = [pattern.callback.cls for pattern in urlpatterns if pattern.name != "health"]

    assert all(issubclass(view, ObservedView) for view in views)
