"""A server over a real socket, for what only speaks HTTP."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from django.core.servers.basehttp import WSGIRequestHandler


@dataclass(frozen=True)
class LiveSCIM:
    """The base URL of the SCIM root, without trailing slash, and a token for it."""

    url: str
    token: str


def unused_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Headers and body go out apart; without this each answer waits for a delayed acknowledgement.
WSGIRequestHandler.disable_nagle_algorithm = True
