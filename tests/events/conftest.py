"""Fixtures of the tests of events."""

from __future__ import annotations

import pytest

from tests.factories import make_connection, make_token
from tests.management.conftest import ann, person
from tests.scim_client import SCIMTestClient


@pytest.fixture
def okta() -> SCIMTestClient:
    """Return a client of a connection whose token has a label."""
    make_connection(provider_id="okta", profile="okta", name="Acme")
    return SCIMTestClient(make_token(provider_id="okta", label="from May"))


__all__ = ["ann", "person"]
