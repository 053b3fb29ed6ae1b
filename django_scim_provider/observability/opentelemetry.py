"""OpenTelemetry spans (extra ``opentelemetry``): one for each SCIM request.

The span is a child of the current one, so that the server span of
``opentelemetry-instrumentation-django`` holds it, and it is the current one while the request is
served, so that spans of the database lie in it. Attributes hold ids, names and numbers; the texts
of exceptions are not recorded, since they may be about people.
"""

from __future__ import annotations

from contextvars import Token
from typing import Any

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode, TracerProvider

from django_scim_provider.observability.exchange import Exchange
from django_scim_provider.observability.instruments import Instrument

SCOPE = "django_scim_provider"


class OpenTelemetryInstrument(Instrument):
    """Makes spans by the global tracer provider, unless one is given."""

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        self.tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)

    def begin(self, exchange: Exchange) -> tuple[Span, Token[Context]]:
        """Start the span and make it the current one."""
        span = self.tracer.start_span(
            f"SCIM {exchange.operation}",
            attributes={
                "scim.operation": exchange.operation,
                "scim.request_id": exchange.request_id,
            },
        )
        return span, context.attach(trace.set_span_in_context(span))

    def end(self, exchange: Exchange, begun: tuple[Span, Token[Context]] | None) -> None:
        """Say what became of the request and end the span; 5xx is an error."""
        if begun is None:
            return
        span, token = begun
        context.detach(token)
        if span.is_recording():
            span.set_attributes(_attributes(exchange))
            if exchange.status >= 500:
                span.set_status(Status(StatusCode.ERROR))
        span.end()


def _attributes(exchange: Exchange) -> dict[str, Any]:
    found: dict[str, Any] = {
        "http.response.status_code": exchange.status,
        "scim.connection": exchange.provider_id,
        "scim.resource_id": exchange.resource_id,
        "scim.scim_type": exchange.scim_type or None,
        "error.type": exchange.error_type or None,
    }
    if exchange.bulk:
        found["scim.bulk.operations"] = len(exchange.bulk)
        found["scim.bulk.failed"] = sum(each.status >= 400 for each in exchange.bulk)
    return {name: value for name, value in found.items() if value is not None}
