"""Fixtures of the tests of the health page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from tests.factories import key_of, make_connection
from tests.health.moments import NOON

Note = Callable[..., ProvisioningEvent]


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """Let days begin at midnight in UTC."""
    with timezone.override(UTC):
        yield


@pytest.fixture
def connection(db: None) -> ProviderConnection:
    """Return a connection without anything."""
    return make_connection(provider_id="acme", name="Acme")


@pytest.fixture
def note() -> Note:
    """Return a function that stores the event of a request, ``ago`` before noon of the test."""

    def write(
        connection: ProviderConnection, *, ago: timedelta = timedelta(0), **fields: Any
    ) -> ProvisioningEvent:
        values: dict[str, Any] = {"action": "update", "resource_type": "User", "outcome": "done"}
        values["status"] = 200
        values |= {"request_id": "r1", "at": NOON - ago, **fields}
        return ProvisioningEvent.objects.create(
            id=key_of(values["at"]), provider=connection, **values
        )

    return write
