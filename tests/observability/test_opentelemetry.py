"""OpenTelemetry: the spans of real requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, StaticSampler
from opentelemetry.trace import SpanKind, StatusCode

from tests.observability import instruments
from tests.observability.adapters import HERE as ADAPTERS
from tests.scim_client import SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
NOBODY = "01234567-89ab-7def-8123-456789abcdef"


def only(spans: InMemorySpanExporter) -> Any:
    (span,) = spans.get_finished_spans()
    return span


def test_span_is_named_after_the_operation_and_says_whose(
    spans: InMemorySpanExporter, scim_client: SCIMTestClient
) -> None:
    answer = scim_client.request("POST", "/Users", {"userName": "ann"}, HTTP_X_REQUEST_ID="r-1")

    span = only(spans)
    assert span.name == "SCIM users.create"
    assert span.kind is SpanKind.INTERNAL
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes) == {
        "scim.operation": "users.create",
        "scim.request_id": "r-1",
        "scim.connection": "acme",
        "scim.resource_id": answer.json["id"],
        "http.response.status_code": 201,
    }


def test_span_lies_in_the_current_one_and_ends_with_the_request(
    spans: InMemorySpanExporter, scim_client: SCIMTestClient
) -> None:
    with instruments.providers[-1].get_tracer("server").start_as_current_span("GET") as server:
        scim_client.get("/Users", HTTP_X_REQUEST_ID="r-1")
        current = trace.get_current_span()

    span = spans.get_finished_spans()[0]
    assert span.parent is not None
    assert span.parent.span_id == server.get_span_context().span_id
    assert span.attributes is not None
    assert span.attributes["scim.request_id"] == "r-1"
    assert current is server


def test_what_the_project_does_lies_in_the_span(
    spans: InMemorySpanExporter, scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER=f"{ADAPTERS}.Tracing")

    scim_client.create_user("ann")

    inner, outer = spans.get_finished_spans()
    assert (inner.name, outer.name) == ("onboarding", "SCIM users.create")
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id


def test_refusal_is_no_error(spans: InMemorySpanExporter, scim_client: SCIMTestClient) -> None:
    scim_client.find("userName foo")

    span = only(spans)
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["scim.scim_type"] == "invalidFilter"
    assert "error.type" not in span.attributes


def test_stranger_has_no_connection(spans: InMemorySpanExporter, db: None) -> None:
    SCIMTestClient("c2VjcmV0OmFjbWU").get("/Users")

    span = only(spans)
    assert span.attributes["http.response.status_code"] == 401
    assert "scim.connection" not in span.attributes


def test_fault_is_an_error_without_its_text(
    spans: InMemorySpanExporter, scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER=f"{ADAPTERS}.Talking")

    scim_client.request("POST", "/Users", {"userName": "ann", "name": {"familyName": "Lee"}})

    span = only(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is None
    assert span.attributes["error.type"] == "ValueError"
    assert span.events == ()


def test_bulk_is_one_span_with_its_numbers(
    spans: InMemorySpanExporter, scim_client: SCIMTestClient
) -> None:
    operations = [
        {"method": "DELETE", "path": f"/Users/{NOBODY}"},
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann"}},
    ]

    scim_client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})

    span = only(spans)
    assert span.name == "SCIM bulk"
    assert span.attributes["scim.bulk.operations"] == 2
    assert span.attributes["scim.bulk.failed"] == 1


def test_named_instrument_works_without_an_sdk(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(INSTRUMENTS=["opentelemetry"])

    assert scim_client.get("/Users").status == 200
    assert not trace.get_current_span().is_recording()


def test_span_that_cannot_be_started_is_none_and_the_request_goes_on(
    spans: InMemorySpanExporter,
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    instruments.providers.append(TracerProvider(sampler=Refusing()))
    scim_settings(INSTRUMENTS=[f"{instruments.HERE}.tracing"])

    answer = scim_client.get("/Users")

    assert answer.status == 200
    assert spans.get_finished_spans() == ()
    faults = [each for each in caplog.messages if each.startswith("A SCIM instrument failed")]
    assert faults == ["A SCIM instrument failed: OpenTelemetryInstrument.begin: RuntimeError"]


class Refusing(StaticSampler):
    """A sampler of the project's that is broken."""

    def __init__(self) -> None:
        super().__init__(Decision.DROP)

    def should_sample(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no sampling")
