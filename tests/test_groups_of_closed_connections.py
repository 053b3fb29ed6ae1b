"""A group is made while its connection is open, or not at all, and closing waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections, transaction
from django.db.models.signals import pre_save

from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.models import (
    GroupDocument,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.store_context import StoreContext
from tests.people import connect
from tests.scim_client import GROUP, SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[False, True], ids=["nobody-listens", "heard"])
def heard(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """Return the groups that a receiver of the project's is told of, where there is one."""
    told: list[Any] = []

    def note(instance: Any, **_: Any) -> None:
        told.append(instance)

    if request.param:
        pre_save.connect(note, sender=ProvisionedGroup)
    yield told
    pre_save.disconnect(note, sender=ProvisionedGroup)


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def acme() -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


def test_group_of_a_connection_that_was_just_closed_is_refused(
    monkeypatch: pytest.MonkeyPatch, client: SCIMTestClient, heard: list[Any]
) -> None:
    original: Any = GroupStore.create

    def close_first(self: GroupStore, *args: Any) -> Any:
        close_connection(acme())
        return original(self, *args)

    monkeypatch.setattr(GroupStore, "create", close_first)
    answer = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Team"})

    assert answer.status == 401
    assert heard == []
    assert not ProvisionedGroup.objects.exists()
    assert not GroupDocument.objects.exists()
    assert not ProvisioningEvent.objects.filter(action="create", outcome="done").exists()


def test_group_of_a_connection_that_is_gone_is_refused(heard: list[Any]) -> None:
    with pytest.raises(Unauthorized):
        GroupStore(StoreContext(provider_id="gone")).create({"displayName": "Team"})

    assert heard == []
    assert not ProvisionedGroup.objects.exists()


@pytest.mark.skipif(
    database.vendor == "sqlite", reason="SQLite has one writer at a time, so none is under way"
)
def test_closing_waits_for_a_group_that_is_being_made(
    client: SCIMTestClient, heard: list[Any]
) -> None:
    made, order = Event(), []

    def make() -> None:
        try:
            with transaction.atomic():
                GroupStore(StoreContext(provider_id="acme")).create({"displayName": "Team"})
                made.set()
                time.sleep(0.5)
                order.append("made")
        finally:
            connections.close_all()

    thread = Thread(target=make)
    thread.start()
    assert made.wait(20)
    close_connection(acme())
    order.append("closed")
    thread.join()

    assert order == ["made", "closed"]
    assert ProvisionedGroup.objects.count() == 1


@pytest.mark.skipif(
    database.vendor == "sqlite", reason="SQLite has one writer at a time, so none is under way"
)
def test_group_waits_for_a_connection_that_is_being_closed(client: SCIMTestClient) -> None:
    closing = Event()

    def close() -> None:
        try:
            with transaction.atomic():
                close_connection(acme())
                closing.set()
                time.sleep(0.5)
        finally:
            connections.close_all()

    thread = Thread(target=close)
    store = GroupStore(StoreContext(provider_id="acme"))
    thread.start()
    assert closing.wait(20)
    with pytest.raises(Unauthorized):
        store.create({"displayName": "Team"})
    thread.join()

    assert not ProvisionedGroup.objects.exists()


def test_groups_of_a_bulk_are_made(client: SCIMTestClient) -> None:
    """Their transaction holds the connection open already."""
    operation = {"method": "POST", "path": "/Groups", "bulkId": "g"}
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{**operation, "data": {"schemas": [GROUP], "displayName": "Team"}}],
    }

    answer = client.request("POST", "/Bulk", body)

    assert answer.json["Operations"][0]["status"] == "201"
    assert make_group(client, "Another")["displayName"] == "Another"
