"""Bulk requests on databases without savepoints: each operation is a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connections
from django.db.models.signals import pre_save

from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from django_scim_provider.storage.sql import vendors
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.portable import Portable
from tests.scim_client import ENTERPRISE, SCIMTestClient
from tests.test_bulk import bulk, create, statuses

pytestmark = pytest.mark.django_db(transaction=True)


class Indivisible(Portable):
    """A database that can undo no part of a transaction."""

    has_savepoints = False

    def atomic(self, using: str) -> AbstractContextManager[None]:
        """Begin a transaction; in one, do nothing."""
        return nullcontext() if connections[using].in_atomic_block else super().atomic(using)

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Take it to be away when it says so."""
        return Cause.OUTAGE if "away" in str(error) else None


@pytest.fixture(autouse=True)
def indivisible(orm_alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the database be such a one."""
    monkeypatch.setattr(vendors, "_made_for", Indivisible)


def names() -> list[str]:
    return sorted(LinkedAccount.objects.values_list("user_name", flat=True))


def outcomes() -> list[tuple[str, str]]:
    events = ProvisioningEvent.objects.filter(resource_type="User").order_by("pk")
    return list(events.values_list("action", "outcome"))


def manager(bulk_id: str) -> dict[str, Any]:
    return {ENTERPRISE: {"manager": {"value": f"bulkId:{bulk_id}"}}}


def test_refused_operation_leaves_the_others(scim_client: SCIMTestClient) -> None:
    answer = bulk(scim_client, create("a", "ann"), create("b", "ANN"), create("c", "carl"))
    assert statuses(answer) == ["201", "409", "201"]
    assert names() == ["ann", "carl"]
    assert outcomes() == [("create", "done"), ("create", "refused"), ("create", "done")]


@pytest.fixture
def failing_with(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the project fail where it stores bob."""

    def fail(instance: Any, **_: Any) -> None:
        if instance.username == "bob":
            raise request.param

    pre_save.connect(fail, get_user_model())
    yield
    pre_save.disconnect(fail, get_user_model())


@pytest.mark.parametrize("failing_with", [RuntimeError("of the project")], indirect=True)
def test_what_was_done_before_a_fault_is_there(
    scim_client: SCIMTestClient, failing_with: None
) -> None:
    assert bulk(scim_client, create("a", "ann"), create("b", "bob")).status == 500
    assert names() == ["ann"]
    assert outcomes() == [("create", "done")]


@pytest.mark.parametrize("failing_with", [OperationalError("away")], indirect=True)
def test_database_that_is_away_is_told_in_its_place(
    scim_client: SCIMTestClient, failing_with: None
) -> None:
    answer = bulk(scim_client, *(create(name, name) for name in ("ann", "bob", "carl")))
    assert statuses(answer) == ["201", "503", "201"]
    assert names() == ["ann", "carl"]


def test_circle_is_done_as_one(scim_client: SCIMTestClient) -> None:
    circle = create("a", "ann", **manager("b")), create("b", "bob", **manager("a"))
    assert statuses(bulk(scim_client, *circle)) == ["201", "201"]
    assert names() == ["ann", "bob"]


def test_circle_with_a_refusal_is_undone(scim_client: SCIMTestClient) -> None:
    statuses(bulk(scim_client, create("x", "bob")))
    circle = create("a", "ann", **manager("b")), create("b", "bob", **manager("a"))
    answer = bulk(scim_client, *circle, create("c", "carl"))
    assert statuses(answer) == ["409", "409", "201"]
    assert names() == ["bob", "carl"]
    told = outcomes()
    assert told.count(("create", "done")) == 2
    assert told.count(("create", "refused")) == 2
