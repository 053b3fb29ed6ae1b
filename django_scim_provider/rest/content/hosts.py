"""The host that a request was sent to, as Django allows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

MOST = 256
"""Hosts that are remembered; where all are allowed, clients may send any."""
_allowed: dict[tuple[Any, ...], str] = {}
"""What Django returned for a ``Host`` header under the settings that it looks at."""


def host_of(request: HttpRequest) -> str:
    """Return what ``get_host`` does, which takes the header apart each time that it is asked.

    Raises:
        DisallowedHost: as ``get_host``.
    """
    sent = request.META.get("HTTP_HOST")
    if sent is None or type(request).get_host is not HttpRequest.get_host:
        return request.get_host()
    if settings.USE_X_FORWARDED_HOST:
        return request.get_host()
    known_by = sent, settings.DEBUG, *settings.ALLOWED_HOSTS
    found = _allowed.get(known_by)
    if found is None:
        found = request.get_host()
        if len(_allowed) >= MOST:
            _allowed.clear()
        _allowed[known_by] = found
    return found
