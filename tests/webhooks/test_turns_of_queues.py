"""A queue that cannot be sent, that is somebody else's, or that is held for long."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from django_scim_provider.models import OutboxMessage, ProviderConnection, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.webhooks import sender
from django_scim_provider.webhooks.endpoint_service import add_endpoint
from django_scim_provider.webhooks.pinned_https import PinnedHTTPS
from django_scim_provider.webhooks.sender import send_waiting
from tests.scim_client import SCIMTestClient
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def waiting(scim_client: SCIMTestClient, receiver: Receiver) -> None:
    """Have two messages wait."""
    add_endpoint(ProviderConnection.objects.get(), receiver.address)
    for name in ("ann", "bea"):
        scim_client.create_user(f"{name}@x.example")


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"address": "http://plain.example/"}, "address not valid"),
        ({"secret": "of another key"}, "secret not readable"),
    ],
)
def test_queue_that_cannot_be_sent_pauses(
    receiver: Receiver, stored: dict[str, str], problem: str
) -> None:
    WebhookEndpoint.objects.update(**stored)

    assert send_waiting("default") == 0

    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.last_problem == problem
    assert endpoint.paused_until is not None
    assert receiver.requests == []


def test_queue_that_another_sender_took_is_left_to_it(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "take_queue", lambda *_: None)

    assert send_waiting("default") == 0
    assert receiver.requests == []


def test_both_secrets_sign_while_they_overlap(receiver: Receiver) -> None:
    before = WebhookEndpoint.objects.get().secret
    later = utc_now() + timedelta(hours=1)
    WebhookEndpoint.objects.update(previous_secret=before, previous_until=later)

    assert send_waiting("default") == 2
    assert len(receiver.requests[0]["headers"]["webhook-signature"].split()) == 2


def test_fault_of_ours_waits_like_a_refusal(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(PinnedHTTPS, "post", fail)

    assert send_waiting("default") == 0
    assert set(OutboxMessage.objects.values_list("last_problem", flat=True)) == {"fault"}
    assert "A SCIM webhook could not be called" in caplog.text


@pytest.mark.parametrize("is_kept", [True, False])
def test_queue_is_held_for_longer_while_it_is_sent(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> None:
    asked: list[Any] = []

    def keep(*about: Any) -> bool:
        asked.append(about)
        return is_kept

    monkeypatch.setattr(sender, "keep_queue", keep)
    monkeypatch.setattr(sender, "LEASE", timedelta(seconds=60))
    monkeypatch.setattr(sender._QueueTurn, "is_over", property(lambda turn: turn.stopped.is_set()))
    # The sender's clock alone: a call that is under way keeps its own limit of time.
    leaping = SimpleNamespace(
        time=time.time, monotonic=lambda: time.monotonic() + 1000 * len(receiver.requests)
    )
    monkeypatch.setattr(sender, "time", leaping)

    send_waiting("default")

    assert asked
    assert OutboxMessage.objects.filter(state="done").exists()
