"""How much is recorded, for how long, and when it is forgotten."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection as database

from django_scim_provider import ciphers
from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.connections.recordings.recording_switch import (
    erase_recording,
    is_recorded,
    start_recording,
    stop_recording,
)
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, RecordedExchange
from django_scim_provider.models.moments import utc_now
from django_scim_provider.rest.content import recorded as recording
from django_scim_provider.storage.recorder.keeping import keep, kept_of, unsealed
from tests.parallel import in_parallel
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def end_the_hours(connection: ProviderConnection) -> None:
    past = utc_now() - timedelta(seconds=1)
    ProviderConnection.objects.filter(pk=connection.pk).update(recording_until=past)
    RecordedExchange.objects.update(expires_at=past)


def test_no_more_than_asked_for(scim_client: SCIMTestClient, acme: ProviderConnection) -> None:
    start_recording(acme, hours=1, most=2)

    for _ in range(4):
        scim_client.get("/Users")

    assert list(kept_of("acme").values_list("number", flat=True)) == [1, 2]


def test_what_was_kept_earlier_counts(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    start_recording(acme, hours=1, most=1)
    scim_client.get("/Users")
    stop_recording(acme)
    scim_client.get("/Users")
    start_recording(acme, hours=1, most=2)
    scim_client.get("/Users")
    scim_client.get("/Users")

    assert list(kept_of("acme").values_list("number", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_numbers_at_the_same_time(scim_client: SCIMTestClient, acme: ProviderConnection) -> None:
    if database.vendor == "sqlite":
        most, clients = 4, 2
    else:
        most, clients = 10, 4
    start_recording(acme, hours=1, most=most)

    def ask(_: int) -> None:
        for _ in range(4):
            SCIMTestClient(scim_client.token).get("/Users?count=0")

    in_parallel(clients, ask)

    numbers = list(kept_of("acme").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= most


@pytest.mark.parametrize(("hours", "most"), [(0, 1), (25, 1), (1, 0), (1, 1001)])
def test_bounds_are_fixed(acme: ProviderConnection, hours: int, most: int) -> None:
    with pytest.raises(ValidationError):
        start_recording(acme, hours=hours, most=most)

    assert not is_recorded(acme)


def test_not_without_encryption(
    scim_client: SCIMTestClient, acme: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_recording(acme, hours=1, most=9)
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", False)

    scim_client.get("/Users")
    with pytest.raises(ValidationError, match="encrypted only"):
        start_recording(acme, hours=1, most=9)

    assert not RecordedExchange.objects.exists()


def test_first_request_after_the_hours_forgets(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    scim_client.get("/Users")
    end_the_hours(recorded)
    assert not kept_of("acme").exists()

    scim_client.get("/Users")

    recorded.refresh_from_db()
    assert recorded.recording_until is None
    assert not RecordedExchange.objects.exists()


def test_command_forgets(scim_client: SCIMTestClient, recorded: ProviderConnection) -> None:
    scim_client.get("/Users")
    call_command("scim_prune_events", older_than=1, verbosity=0)
    assert RecordedExchange.objects.exists()

    end_the_hours(recorded)
    call_command("scim_prune_events", older_than=1, provider="acme", verbosity=0)

    assert not RecordedExchange.objects.exists()


def test_what_cannot_be_read_any_more(
    scim_client: SCIMTestClient, recorded: ProviderConnection, settings: Any
) -> None:
    scim_client.get("/Users")
    row = RecordedExchange.objects.get()

    settings.SECRET_KEY = "another"
    assert unsealed(row) is None

    settings.SECRET_KEY_FALLBACKS = ["tests"]
    assert unsealed(row) is not None
    row.expires_at = utc_now()
    assert unsealed(row) is None


def test_erasing_ends_it(scim_client: SCIMTestClient, recorded: ProviderConnection) -> None:
    scim_client.get("/Users")

    assert erase_recording(recorded) == 1

    scim_client.get("/Users")
    assert not RecordedExchange.objects.exists()
    assert ProvisioningEvent.objects.filter(action="erase_recording").exists()


def test_closing_the_connection_forgets(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    scim_client.get("/Users")

    close_connection(recorded)

    assert not RecordedExchange.objects.exists()
    assert not is_recorded(recorded)


def test_request_under_way_keeps_nothing_once_it_is_off(
    scim_client: SCIMTestClient, recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:

    def late(*arguments: Any) -> None:
        erase_recording(recorded)
        keep(*arguments)

    monkeypatch.setattr(recording, "keep", late)
    scim_client.get("/Users")

    assert not RecordedExchange.objects.exists()


def test_connection_of_the_settings_is_recorded(scim_settings: Any, db: None) -> None:
    scim_settings(DEFAULT_SCIM=[{"provider_id": "static", "scim_token": "s" * 24}])

    text = base64.urlsafe_b64encode(b"s" * 24 + b":static").rstrip(b"=").decode()
    client = SCIMTestClient(text)
    client.get("/Users")
    connection = ProviderConnection.objects.get(provider_id="static")

    start_recording(connection, hours=1, most=3)
    client.get("/Users")

    assert kept_of("static").count() == 1
