"""Messages are given to workers of Django's tasks, where the project has such."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.models import ProviderConnection
from django_scim_provider.webhooks import webhook_tasks
from django_scim_provider.webhooks.endpoint_service import add_endpoint
from tests.scim_client import SCIMTestClient
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch, scim_settings: Any) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(webhook_tasks, "enqueue", lambda: found.append("once"))
    return found


def test_a_change_is_given_to_a_worker_once(
    scim_client: SCIMTestClient, receiver: Receiver, enqueued: list[str], scim_settings: Any
) -> None:
    add_endpoint(ProviderConnection.objects.get(), receiver.address)
    scim_settings(WEBHOOK_TASKS="default")

    scim_client.create_user("ann@x.example")

    assert enqueued == ["once"]


def test_nobody_is_asked_without_endpoints(
    scim_client: SCIMTestClient, enqueued: list[str], scim_settings: Any
) -> None:
    scim_settings(WEBHOOK_TASKS="default")

    scim_client.create_user("ann@x.example")

    assert enqueued == []


def test_a_queue_that_is_away_fails_no_request(
    scim_client: SCIMTestClient,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    scim_settings: Any,
) -> None:
    def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(webhook_tasks, "enqueue", away)
    add_endpoint(ProviderConnection.objects.get(), receiver.address)
    scim_settings(WEBHOOK_TASKS="default")

    assert scim_client.create_user("ann@x.example")["id"]


@pytest.mark.skipif(not webhook_tasks.TASKS_AVAILABLE, reason="needs Django 6.0")
def test_a_worker_sends(
    scim_client: SCIMTestClient, receiver: Receiver, scim_settings: Any, settings: Any
) -> None:
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    add_endpoint(ProviderConnection.objects.get(), receiver.address)
    scim_settings(WEBHOOK_TASKS="default")

    scim_client.create_user("ann@x.example")

    assert [sent["message"]["type"] for sent in receiver.requests] == ["user.provisioned"]
