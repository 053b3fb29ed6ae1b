"""Fixtures that collect what operators see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from tests.observability import instruments
from tests.observability.instruments import HERE

Records = Callable[[], list[Any]]


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Records:
    """Return a function that returns the records of requests so far."""
    caplog.set_level(logging.DEBUG)

    def of_requests() -> list[Any]:
        return [each for each in caplog.records if each.name == "django_scim_provider.requests"]

    return of_requests


@pytest.fixture
def registry(scim_settings: Callable[..., None]) -> Iterator[CollectorRegistry]:
    """Count into a registry of the test's own, and return it."""
    instruments.registries.append(CollectorRegistry())
    scim_settings(INSTRUMENTS=[f"{HERE}.counting"])
    yield instruments.registries[-1]
    instruments.registries.clear()


@pytest.fixture
def spans(scim_settings: Callable[..., None]) -> Iterator[InMemorySpanExporter]:
    """Trace into memory, and return what was exported."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instruments.providers.append(provider)
    scim_settings(INSTRUMENTS=[f"{HERE}.tracing"])
    yield exporter
    instruments.providers.clear()
    provider.shutdown()


@pytest.fixture
def seen() -> Iterator[list[Any]]:
    """Return what the instrument ``Noting`` is told."""
    yield instruments.seen
    instruments.seen.clear()
