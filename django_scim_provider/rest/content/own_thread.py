"""What a request under ASGI leaves behind: Django gives it a thread, which nobody uses again."""

from __future__ import annotations

from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.db import connections


def leave_thread(request: Any, response: Any) -> None:
    """Close the database connections of a request under ASGI, now and when its answer is sent.

    A connection is its thread's. A persistent one (``CONN_MAX_AGE``) would wait there for a next
    request that never comes, and take a place on the server until the garbage is collected: under
    load all places, and every other request is 503. A pool gets its connection back.

    Now, since a client that hangs up makes Django drop the answer without closing it; and then,
    since middleware may ask the database once more, as an answer in pieces does.
    """
    if isinstance(request, ASGIRequest):
        if not response.streaming:
            _close_all()
        response._resource_closers.append(_close_all)


def _close_all() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # of a middleware of the project's, or of a test
            connection.close()
