"""Workers are woken when the messages are there for them to see, not before."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from django_scim_provider.models import OutboxMessage, ProviderConnection
from django_scim_provider.storage.announcing.tasks_at_commit import send_soon
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.webhooks import endpoint_service, webhook_tasks
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch, scim_settings: Any) -> list[tuple[bool, int]]:
    """Return a list of whether a transaction was under way, and how many messages there were."""
    found: list[tuple[bool, int]] = []
    wrapper: Any = connection

    def wake() -> None:
        found.append((wrapper.in_atomic_block_mongo, OutboxMessage.objects.count()))

    monkeypatch.setattr(webhook_tasks, "enqueue", wake)
    scim_settings(WEBHOOK_TASKS="default")
    return found


def test_worker_is_woken_after_the_commit(
    woken: list[tuple[bool, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_service, "refuse_address", lambda _: None)
    client = SCIMTestClient(make_token(provider_id="acme"))
    endpoint_service.add_endpoint(ProviderConnection.objects.get(), "https://receiver.example/")
    before = OutboxMessage.objects.count()

    post(client, "ann@x.example")

    assert woken == [(False, before + 1)]


def test_worker_is_woken_once_for_a_transaction(woken: list[tuple[bool, int]]) -> None:
    def announce() -> None:
        send_soon("default")
        send_soon("default")

    in_transaction("default", "", announce)

    assert woken == [(False, 0)]


def test_nobody_is_woken_for_what_is_undone(woken: list[tuple[bool, int]]) -> None:
    def fail() -> None:
        send_soon("default")
        raise LookupError

    with suppress(LookupError):
        in_transaction("default", "", fail)

    assert woken == []
