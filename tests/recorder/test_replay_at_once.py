"""Trying requests again while others write: a decommissioning, the identity provider, another try.

What is tried holds the rows that it writes, so others wait for its end and find nothing of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Event
from typing import Any, TypeVar

import pytest
from django.db import connection as database
from django.db import connections

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.connections.recordings.rehearsing import Rehearsal
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from tests.parallel import in_parallel, until_waiting
from tests.people import host_user, post, set_active
from tests.recorder.test_replay import tried
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
Result = TypeVar("Result")


@contextmanager
def while_replayed(
    connection: ProviderConnection, monkeypatch: pytest.MonkeyPatch, *, after: int
) -> Iterator[Callable[[Callable[[], Result]], tuple[Result, Any]]]:
    """Yield what does something once so many requests were tried again, while more are to come.

    It returns what that did and what the try found.
    """
    begun, may_go_on, asked = Event(), Event(), count(1)
    original: Any = Rehearsal.ask

    def ask(self: Rehearsal, *args: Any, **more: Any) -> Any:
        reply = original(self, *args, **more)
        if next(asked) == after:
            begun.set()
            assert may_go_on.wait(20)
        return reply

    monkeypatch.setattr(Rehearsal, "ask", ask)

    def in_thread(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:

        def beside(work: Callable[[], Result]) -> tuple[Result, Any]:
            replayed: Future[Any] = pool.submit(in_thread, lambda: tried(connection))
            assert begun.wait(20)
            done = pool.submit(in_thread, work)
            wait_until_it_waits()
            assert not done.done()
            may_go_on.set()
            return done.result(30), replayed.result(30)

        try:
            yield beside
        finally:
            may_go_on.set()


def wait_until_it_waits() -> None:
    if database.vendor == "sqlite":  # which tells nobody who waits
        time.sleep(0.4)
    else:
        until_waiting(1)


@pytest.fixture
def ann(scim_client: SCIMTestClient, recorded: ProviderConnection) -> dict[str, Any]:
    """Return somebody who was made, deactivated and activated while it was recorded."""
    made: dict[str, Any] = post(scim_client, "ann").json
    for active in (False, True):
        set_active(scim_client, made, active)
    recorded.refresh_from_db()
    return made


def test_decommissioning_waits_and_finds_nothing_of_it(
    ann: dict[str, Any], recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with while_replayed(recorded, monkeypatch, after=2) as beside:
        done, found = beside(lambda: decommission(recorded))

    assert [each.status for each in found] == [409, 200, 200]
    assert (done.total, done.released) == (1, 1)
    assert LinkedAccount.objects.get().released_at is not None
    assert not host_user(ann).is_active
    assert ProvisioningEvent.objects.filter(action="release").count() == 1


def test_identity_provider_waits_and_is_served(
    ann: dict[str, Any],
    scim_client: SCIMTestClient,
    recorded: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    title = {"op": "add", "path": "title", "value": "Head"}

    with while_replayed(recorded, monkeypatch, after=2) as beside:
        answer, found = beside(lambda: scim_client.patch(f"/Users/{ann['id']}", title))

    assert answer.status in (200, 204)
    assert [each.status for each in found] == [409, 200, 200]
    assert scim_client.get(f"/Users/{ann['id']}").json["title"] == "Head"
    assert host_user(ann).is_active


def test_two_tries_at_once_leave_nothing(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    ann = post(scim_client, "ann").json
    scim_client.request("DELETE", f"/Users/{ann['id']}")
    before = list(ProvisioningEvent.objects.order_by("pk").values_list("pk", flat=True))

    found = in_parallel(2, lambda number: [each.status for each in tried(recorded)])

    assert found == [[201, 404]] * 2
    assert not LinkedAccount.objects.exists()
    assert list(ProvisioningEvent.objects.order_by("pk").values_list("pk", flat=True)) == before
