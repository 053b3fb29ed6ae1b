"""One SCIM request with its answer, as operators see it, and which one is being served."""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """How one operation of a bulk request ended."""

    operation: str
    """Such as ``users.create``; ``unknown`` for a path or method that is none."""
    status: int


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A request and what became of it. Instruments read it and change nothing.

    While the request is under way, only the id, the operation and the path are known.
    """

    request_id: str
    operation: str
    """``<resources>.<verb>`` such as ``users.create``, ``bulk``, ``discovery``, or ``unknown``:
    as many values as there are resource types, times the verbs."""
    path: str
    """Below the SCIM root, such as ``/Users/018f…``; what is neither an endpoint nor an id is
    ``*``, as is an imported id until it was found. There is never a query string."""
    resource_id: str | None = None
    """The SCIM id that the request names, or that it made."""
    provider_id: str | None = None
    """The connection; None until a token has proven it."""
    token_id: UUID | None = None
    """The key of the ``SCIMToken``; None for ``DEFAULT_SCIM`` and without a good token."""
    status: int = 500
    """The HTTP status; 500 where no answer was made."""
    scim_type: str = ""
    """The ``scimType`` of an error (RFC 7644 table 9)."""
    error_type: str = ""
    """The class of an exception behind a 5xx; its text may be about people, and is not here."""
    bulk: list[BulkOutcome] = field(default_factory=list)
    """The operations of a bulk request that were tried, or that its time limit left (503)."""
    started: float = field(default_factory=time.perf_counter)
    """By ``time.perf_counter()``."""
    duration: float = 0.0
    """Seconds until the answer was made, or the first piece of a large one; sending it is not in
    them."""


_current: ContextVar[Exchange | None] = ContextVar("scim_exchange", default=None)


def current_exchange() -> Exchange | None:
    """Return the SCIM request that this thread or task serves; None outside of one."""
    return _current.get()


def current_request_id() -> str | None:
    """Return the id of the SCIM request that this thread or task serves; None outside of one.

    For adapters, revokers and receivers of signals: to send along, or to store.
    """
    exchange = _current.get()
    return None if exchange is None else exchange.request_id


def become_current(exchange: Exchange) -> Token[Exchange | None]:
    """Make a request the current one; return what ``leave`` needs."""
    return _current.set(exchange)


def leave(token: Token[Exchange | None]) -> None:
    """Take the request away from being the current one."""
    _current.reset(token)
