"""Prometheus: what the registry holds after real requests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, CollectorRegistry

from django_scim_provider.observability.prometheus import PrometheusInstrument
from tests.factories import make_token
from tests.observability.instruments import HERE
from tests.scim_client import SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
NOBODY = "01234567-89ab-7def-8123-456789abcdef"

pytestmark = pytest.mark.django_db


def counted(registry: CollectorRegistry, name: str = "scim_requests_total") -> dict[str, float]:
    """Return the samples of a metric by their labels, in the order of their names."""
    samples = [sample for metric in registry.collect() for sample in metric.samples]
    return {
        " ".join(value or "-" for _, value in sorted(sample.labels.items())): sample.value
        for sample in samples
        if sample.name == name
    }


def test_requests_are_counted_by_connection_operation_and_status(
    registry: CollectorRegistry,
) -> None:
    acme = SCIMTestClient(make_token(provider_id="acme"))
    globex = SCIMTestClient(make_token(provider_id="globex"))

    acme.create_user("ann")
    acme.request("POST", "/Users", {"userName": "ann"})
    acme.get("/Users")
    acme.get("/Users")
    globex.get(f"/Users/{NOBODY}")

    assert counted(registry) == {
        "acme users.create 201": 1,
        "acme users.create 409": 1,
        "acme users.list 200": 2,
        "globex users.get 404": 1,
    }


def test_strangers_make_no_series_of_their_own(registry: CollectorRegistry) -> None:
    token = make_token(provider_id="acme")

    for number in range(5):
        SCIMTestClient("x" + token[1:]).get("/Users")
        SCIMTestClient(None).request(f"METHOD{number}", f"/Users/{number}")
        SCIMTestClient(f"c2VjcmV0OnN0cmFuZ2Vy{number}").get(f"/nowhere{number}")

    assert counted(registry) == {
        "- users.list 401": 5,
        "- users.unsupported 401": 5,
        "- unknown 401": 5,
    }


def test_throttled_connections_and_strangers_are_told_apart(
    registry: CollectorRegistry, scim_settings: Callable[..., None]
) -> None:
    scim_settings(THROTTLE_RATES={"connection": "1/day", "failed_authentication": "1/day"})
    client, stranger = SCIMTestClient(make_token(provider_id="slow")), SCIMTestClient(None)

    for each in (client, client, stranger, stranger):
        each.get("/Users", REMOTE_ADDR="192.0.2.77")

    found = counted(registry)
    assert found["slow users.list 429"] == 1
    assert found["- users.list 429"] == 1


def test_durations_are_observed_by_operation(
    registry: CollectorRegistry, scim_client: SCIMTestClient
) -> None:
    scim_client.get("/Schemas")
    scim_client.get("/ServiceProviderConfig")

    assert counted(registry, "scim_request_duration_seconds_count") == {"discovery": 2}
    assert 0 < counted(registry, "scim_request_duration_seconds_sum")["discovery"] < 60


def test_operations_of_bulk_requests_are_counted_once(
    registry: CollectorRegistry, scim_client: SCIMTestClient
) -> None:
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann"}},
        {"method": "DELETE", "path": f"/Groups/{NOBODY}"},
        {"method": "PATCH", "path": "/ann@x.example/1", "data": {}},
        {"method": "DELETE", "path": "/Users"},
    ]

    scim_client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})

    assert counted(registry) == {"acme bulk 200": 1}
    assert counted(registry, "scim_bulk_operations_total") == {
        "acme users.create 201": 1,
        "acme groups.delete 404": 1,
        "acme unknown 404": 1,
        "acme unknown 405": 1,
    }


def test_label_of_the_connection_can_be_left_out(
    registry: CollectorRegistry, scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(INSTRUMENTS=[f"{HERE}.CountingAllTogether"])

    scim_client.get("/Users")

    assert counted(registry) == {"- users.list 200": 1}


def test_named_instrument_counts_in_the_default_registry(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(INSTRUMENTS=["prometheus"])
    before = counted(REGISTRY).get("acme users.list 200", 0)

    scim_client.get("/Users")

    assert counted(REGISTRY)["acme users.list 200"] == before + 1


def test_instrument_can_be_made_again_for_the_same_registry() -> None:
    registry = CollectorRegistry()

    made = [PrometheusInstrument(registry) for _ in range(2)]

    assert made[0].metrics is made[1].metrics


WORKER = """
from django_scim_provider.observability import Exchange
from django_scim_provider.observability.prometheus import PrometheusInstrument
exchange = Exchange(request_id="r", operation="users.get", path="/", provider_id="acme", status=200)
PrometheusInstrument().end(exchange, None)
"""


def test_workers_are_added_up_in_multiprocess_mode(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    for _ in range(2):
        subprocess.run([sys.executable, "-c", WORKER], env=environment, check=True)
    collect = (
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess\n"
        "registry = CollectorRegistry()\n"
        "multiprocess.MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())"
    )

    page = subprocess.run(
        [sys.executable, "-c", collect], env=environment, check=True, capture_output=True, text=True
    ).stdout

    sample = 'scim_requests_total{connection="acme",operation="users.get",status="200"} 2.0'
    assert sample in page.splitlines()
