"""A live server with a connection, for judges that only speak HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIRequestHandler

from tests.factories import make_token


@dataclass(frozen=True)
class LiveSCIM:
    """The base URL of the SCIM root, without trailing slash, and a token for it."""

    url: str
    token: str


# Headers and body go out apart; without this each answer waits for a delayed acknowledgement.
WSGIRequestHandler.disable_nagle_algorithm = True


@pytest.fixture
def scim(live_server: Any) -> LiveSCIM:
    """Return a running server with an empty connection."""
    return LiveSCIM(f"{live_server.url}/scim/v2", make_token(provider_id="judged"))
