"""A server over a real socket, for what only speaks HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.servers.basehttp import WSGIRequestHandler


@dataclass(frozen=True)
class LiveSCIM:
    """The base URL of the SCIM root, without trailing slash, and a token for it."""

    url: str
    token: str


# Headers and body go out apart; without this each answer waits for a delayed acknowledgement.
WSGIRequestHandler.disable_nagle_algorithm = True
