"""Django's own ``atomic()`` does nothing there; what is done inside of it is done all the same."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from pymongo.errors import AutoReconnect

from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.signals import user_provisioned
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import after_commit, in_transaction
from tests.factories import make_token
from tests.people import make_user
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_follows_the_commit_is_called_then() -> None:
    heard: list[str] = []

    def work() -> None:
        with transaction.atomic():
            after_commit("default", lambda: heard.append(seen()))
        assert heard == []

    def seen() -> str:
        return "under way" if vendor_of(connection).in_transaction(connection) else "committed"

    with transaction.atomic():
        in_transaction("default", "acme", work)
        assert heard == ["committed"]
        assert connection.in_atomic_block

    assert not connection.in_atomic_block


def test_what_follows_may_write_and_open_blocks_of_django() -> None:
    def later() -> None:
        with transaction.atomic():
            make_user("later")

    with transaction.atomic():
        in_transaction("default", "acme", lambda: after_commit("default", later))
        make_user("last")

    assert not connection.in_atomic_block
    assert connection.get_autocommit()


def test_block_of_django_that_fails_takes_nothing_from_the_commit() -> None:
    heard: list[str] = []

    def work() -> None:
        after_commit("default", lambda: heard.append("before"))
        with suppress(ValueError), transaction.atomic():
            raise ValueError
        after_commit("default", lambda: heard.append("behind"))

    in_transaction("default", "acme", work)

    assert heard == ["before", "behind"]


def test_blocks_of_django_around_it_are_left_as_they_were() -> None:
    def later() -> None:
        with transaction.atomic(), transaction.atomic():
            make_user("later")

    with transaction.atomic():
        with transaction.atomic():
            in_transaction("default", "acme", lambda: after_commit("default", later))
        assert connection.in_atomic_block

    assert (connection.in_atomic_block, connection.atomic_blocks) == (False, [])
    assert connection.get_autocommit()
    with transaction.atomic(durable=True):
        make_user("last")


def test_commit_that_the_driver_cannot_make_is_an_error_of_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: Any) -> None:
        raise AutoReconnect("the primary stepped down")

    monkeypatch.setattr(type(connections["default"]), "commit_mongo", refuse)
    with pytest.raises(DatabaseError), vendor_of("default").atomic("default"):
        pass
    assert connection.session is None  # type: ignore[attr-defined]  # the backend's own


def test_owner_of_tokens_is_deleted() -> None:
    owner = make_user("olga")
    make_token(provider_id="acme")
    ProviderConnection.objects.filter(provider_id="acme").update(owner=owner)

    key = owner.pk
    owner.delete()  # in a block of Django's

    assert not SCIMToken.objects.filter(revoked_at=None).exists()
    assert not ProviderConnection.objects.filter(owner_id=key).exists()


def test_requests_are_answered_with_atomic_requests(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def hear(**said: Any) -> None:
        told.append(said["account"].user_name)

    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    user_provisioned.connect(hear)
    try:
        ann = scim_client.create_user("ann")
        again = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})
        gone = scim_client.request("DELETE", f"/Users/{ann['id']}")
    finally:
        user_provisioned.disconnect(hear)

    assert (again.status, gone.status, told) == (409, 204, ["ann"])
    assert ProvisioningEvent.objects.exists()
    assert not connection.in_atomic_block
