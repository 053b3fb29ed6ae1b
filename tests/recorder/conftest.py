"""A connection that is recorded, and people who may look."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.connections.recordings.recording_switch import start_recording
from django_scim_provider.models import ProviderConnection
from tests.administration import staff
from tests.scim_client import SCIMTestClient


@pytest.fixture
def acme(scim_client: SCIMTestClient) -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


@pytest.fixture
def recorded(acme: ProviderConnection) -> ProviderConnection:
    start_recording(acme, hours=1, most=100)
    return acme


@pytest.fixture
def reader(db: None) -> Any:
    """Return staff who may read and try again, and switch nothing."""
    return staff(
        "reader",
        "view_providerconnection",
        "view_recorded_exchanges",
        "replay_recorded_exchanges",
    )
