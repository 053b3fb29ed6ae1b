"""What operators see of SCIM requests: log records, request ids, metrics and traces.

Nothing here holds anything of people: ids, names of operations, statuses and durations only.
The module imports no models, so that ``LOGGING`` can name ``RequestIDFilter``.
"""

from __future__ import annotations

from django_scim_provider.observability.exchange import (
    BulkOutcome,
    Exchange,
    current_exchange,
    current_request_id,
)
from django_scim_provider.observability.instruments import Instrument
from django_scim_provider.observability.logs import RequestIDFilter

__all__ = [
    "BulkOutcome",
    "Exchange",
    "Instrument",
    "RequestIDFilter",
    "current_exchange",
    "current_request_id",
]
