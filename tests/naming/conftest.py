"""A project with extensions of users and groups, and printers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import make_token
from tests.scim_client import SCIMTestClient


@pytest.fixture(autouse=True)
def declared(scim_settings: Callable[..., None], settings: Any) -> None:
    """Declare the schemas."""
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(
        RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"],
        EXTENSIONS={"User": ["tests.naming.schemas.TEAM"], "Group": ["tests.naming.schemas.PLACE"]},
    )


@pytest.fixture
def client(db: None) -> SCIMTestClient:
    """Return a client of a connection with the generic profile."""
    return SCIMTestClient(make_token(provider_id="acme"))


@pytest.fixture
def strict(db: None) -> SCIMTestClient:
    """Return a client of a connection with the strict profile."""
    return SCIMTestClient(make_token(provider_id="strict", profile="strict"))
