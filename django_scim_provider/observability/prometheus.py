"""Prometheus metrics (extra ``prometheus``).

Labels hold ids of connections that a token has proven, names of operations and statuses: no
stranger can make a series. A request without a good token has ``connection=""``.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from django_scim_provider.observability.exchange import Exchange
from django_scim_provider.observability.instruments import Instrument

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds: reads of one resource are at the lower end, bulk requests at the
upper."""


class _Metrics(NamedTuple):
    requests: Counter
    durations: Histogram
    bulk_operations: Counter


@cache
def _metrics(registry: CollectorRegistry) -> _Metrics:
    """Return the metrics in a registry, which refuses to hold a second one of the same name."""
    labels = ("connection", "operation", "status")
    return _Metrics(
        Counter("scim_requests", "SCIM requests that were answered.", labels, registry=registry),
        Histogram(
            "scim_request_duration_seconds",
            "Time until the answer to a SCIM request was made.",
            ("operation",),
            buckets=BUCKETS,
            registry=registry,
        ),
        Counter(
            "scim_bulk_operations",
            "Operations of SCIM bulk requests that were tried.",
            labels,
            registry=registry,
        ),
    )


class PrometheusInstrument(Instrument):
    """Counts and times requests in a registry, the default one of the client unless it is given."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.metrics = _metrics(registry)

    def connection(self, exchange: Exchange) -> str:
        """Return the label for the connection; override it where there are too many of them."""
        return exchange.provider_id or ""

    def end(self, exchange: Exchange, begun: None) -> None:
        """Count the request, and each operation of a bulk request."""
        connection = self.connection(exchange)
        operation, status = exchange.operation, str(exchange.status)
        self.metrics.requests.labels(connection, operation, status).inc()
        self.metrics.durations.labels(operation).observe(exchange.duration)
        for outcome in exchange.bulk:
            own = str(outcome.status)
            self.metrics.bulk_operations.labels(connection, outcome.operation, own).inc()
