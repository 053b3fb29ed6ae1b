"""One log record for each SCIM request, and the id of the request on all others.

========  ==========================================================================
INFO      below 400; 401, 404, 409 and 412, which are everyday traffic
WARNING   other 4xx, and 501: somebody is not provisioned, or something is set up wrong
ERROR     other 5xx: the fault is on this side
========  ==========================================================================
"""

from __future__ import annotations

import logging
from typing import Any

from django_scim_provider.observability.exchange import Exchange, current_exchange

REQUESTS = "django_scim_provider.requests"
"""The logger of the records for requests."""
EVERYDAY = frozenset({401, 404, 409, 412})
"""Strangers make the first at will; identity providers the others: by asking for what they deleted,
by importing again, and by two of their workers changing one user."""

logger = logging.getLogger(REQUESTS)


class RequestIDFilter(logging.Filter):
    """Gives each record ``request_id`` and ``provider_id``, for handlers to format.

    Outside of SCIM requests both are ``"-"``. What a record has already is kept.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add what is missing; every record passes."""
        exchange = current_exchange()
        told = record.__dict__
        if exchange is None:
            told.setdefault("request_id", "-")
            told.setdefault("provider_id", "-")
        else:
            told.setdefault("request_id", exchange.request_id)
            told.setdefault("provider_id", exchange.provider_id or "-")
        return True


def level_of(status: int) -> int:
    """Return at which level a request with that status is logged."""
    if status < 400 or status in EVERYDAY:
        return logging.INFO
    return logging.ERROR if status >= 500 and status != 501 else logging.WARNING


def log_request(exchange: Exchange) -> None:
    """Log a request that was answered; nothing is put together where nobody wants it."""
    level = level_of(exchange.status)
    if not logger.isEnabledFor(level):
        return
    fields: dict[str, Any] = {
        "request_id": exchange.request_id,
        "provider_id": exchange.provider_id,
        "token_id": None if exchange.token_id is None else str(exchange.token_id),
        "operation": exchange.operation,
        "path": exchange.path,
        "resource_id": exchange.resource_id,
        "status": exchange.status,
        "scim_type": exchange.scim_type,
        "error_type": exchange.error_type,
        "duration_ms": round(exchange.duration * 1000, 1),
    }
    if exchange.bulk:
        fields["bulk_operations"] = len(exchange.bulk)
        fields["bulk_failed"] = sum(outcome.status >= 400 for outcome in exchange.bulk)
    text = "SCIM %(operation)s %(path)s of %(provider_id)s: %(status)s"
    text += " by %(error_type)s" if exchange.error_type else ""
    text += " in %(duration_ms)s ms (request %(request_id)s)"
    # Made by hand, since extra= raises where a record factory of the project's gives records a
    # request_id of its own.
    record = logger.makeRecord(logger.name, level, __file__, 0, text, (fields,), None)
    record.__dict__.update(fields)
    logger.handle(record)
