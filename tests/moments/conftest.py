"""A project without time zones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from django_scim_provider.tokens import rows
from tests.factories import make_token
from tests.moments.hours import SUMMER, WINTER, at
from tests.scim_client import SCIMTestClient


@pytest.fixture(autouse=True)
def naive(settings: Any) -> Iterator[None]:
    """Turn time zones off; what was compiled for a token's row converts as it was compiled."""
    settings.TIME_ZONE = "Europe/Berlin"
    settings.USE_TZ = False
    rows._statement.cache_clear()
    yield
    rows._statement.cache_clear()


@pytest.fixture
def both() -> SCIMTestClient:
    """Return a client with a user of each of the hours that look alike."""
    with at(SUMMER):
        client = SCIMTestClient(make_token())
        client.create_user("summer")
    with at(WINTER):
        client.create_user("winter")
    return client
