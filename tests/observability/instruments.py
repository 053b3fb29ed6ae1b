"""Instruments for tests, which ``INSTRUMENTS`` names by dotted path."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from django_scim_provider.observability import Exchange, Instrument
from django_scim_provider.observability.opentelemetry import OpenTelemetryInstrument
from django_scim_provider.observability.prometheus import PrometheusInstrument

HERE = "tests.observability.instruments"

registries: list[CollectorRegistry] = []
"""The last one is in use."""
providers: list[TracerProvider] = []
"""The last one is in use."""
seen: list[Exchange] = []


def counting() -> Instrument:
    return PrometheusInstrument(registries[-1])


def tracing() -> Instrument:
    return OpenTelemetryInstrument(providers[-1])


class Noting(Instrument):
    """Keeps what it is told."""

    def end(self, exchange: Exchange, begun: Any) -> None:
        seen.append(exchange)


class CountingAllTogether(PrometheusInstrument):
    """What a project with very many connections has."""

    def __init__(self) -> None:
        super().__init__(registries[-1])

    def connection(self, exchange: Exchange) -> str:
        return ""


class Failing(Instrument):
    """Is broken from the first request to the last."""

    def begin(self, exchange: Exchange) -> Any:
        raise RuntimeError("no begin")

    def end(self, exchange: Exchange, begun: Any) -> None:
        raise RuntimeError("no end")


class Unmakeable(Instrument):
    """Cannot even be made."""

    def __init__(self) -> None:
        raise RuntimeError("no server")
