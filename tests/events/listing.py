"""What tests of the list of events and of its export do over and over."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_scim_provider.models import (
    ProvisioningEvent,
)
from django_scim_provider.models.keys import uuid7
from tests.administration import logged_in, staff
from tests.factories import key_of

LIST = reverse("admin:scim_provider_provisioningevent_changelist")
EXPORT = reverse("admin:scim_provider_provisioningevent_export")
START = datetime(2026, 1, 1, tzinfo=UTC)


def make_events(count: int, *, provider_id: str = "acme", **fields: Any) -> None:
    """Store so many events, one a second."""
    values: dict[str, Any] = {"action": "update", "resource_type": "User", "outcome": "done"}
    ProvisioningEvent.objects.bulk_create(
        [
            ProvisioningEvent(
                provider_id=provider_id,
                id=key_of(START + timedelta(seconds=number)),
                at=START + timedelta(seconds=number),
                **{"resource_id": str(uuid7()), "request_id": f"r{number}", **values, **fields},
            )
            for number in range(count)
        ],
        batch_size=50,
    )


def viewer(name: str = "viewer", *permissions: str) -> Client:
    """Return a client of somebody who may look at events."""
    return logged_in(staff(name, "view_provisioningevent", *permissions))


def shown(client: Client, query: str = "") -> list[Any]:
    """Return the events of the first page."""
    response = client.get(LIST + query)
    assert response.status_code == 200, response.headers
    rows: list[Any] = response.context["cl"].result_list
    return rows


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    """Return the rows of the export."""
    response: Any = client.get(EXPORT + query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def queries_of(client: Client, address: str) -> int:
    """Return how many queries a page takes."""
    with CaptureQueriesContext(connection) as made:
        response: Any = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response.streaming_content)
    return len(made)
