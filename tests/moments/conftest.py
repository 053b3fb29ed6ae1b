"""A project without time zones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_token
from tests.moments.hours import SUMMER, WINTER, at
from tests.scim_client import SCIMTestClient


@pytest.fixture(autouse=True)
def naive(settings: Any) -> None:
    """Turn time zones off."""
    settings.TIME_ZONE = "Europe/Berlin"
    settings.USE_TZ = False


@pytest.fixture
def both() -> SCIMTestClient:
    """Return a client with a user of each of the hours that look alike."""
    with at(SUMMER):
        client = SCIMTestClient(make_token())
        client.create_user("summer")
    with at(WINTER):
        client.create_user("winter")
    return client
