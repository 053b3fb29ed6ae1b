"""What tests of drift need."""

from __future__ import annotations

import pytest

from tests.people import connect
from tests.scim_client import SCIMTestClient


@pytest.fixture
def client(db: None) -> SCIMTestClient:
    """Return a client of a connection without users."""
    return connect()
