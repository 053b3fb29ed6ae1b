"""The number of all resources is exact, whoever writes them and however."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.stores import Query
from django_scim_provider.migrations._counters import TABLE, TRIGGERS
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.sql import compiled_pages
from django_scim_provider.storage.sql.compiled_pages import count_all
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.scim_client import CORE, GROUP

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="other databases count in the index"
)


@pytest.fixture(autouse=True)
def _connections() -> None:
    make_connection(provider_id="acme")
    make_connection(provider_id="other")


def make_people(provider_id: str, first: int, number: int) -> list[Any]:
    names = range(first, first + number)
    return [make_account(provider_id, {"schemas": [CORE], "userName": f"u{n}"}, n) for n in names]


def counts(model: Any = LinkedAccount) -> list[int]:
    """Return what is told of both connections, once it was seen to be true."""
    told = [count_all(model, "default", provider_id) for provider_id in ("acme", "other")]
    rows = model._base_manager
    assert told == [rows.filter(provider_id=each).count() for each in ("acme", "other")]
    return told


def test_what_comes_and_goes_is_counted() -> None:
    assert counts() == [0, 0]

    keys = make_people("acme", 0, 5)
    make_people("other", 5, 2)
    assert counts() == [5, 2]

    LinkedAccount.objects.filter(pk__in=keys[:2]).delete()
    assert counts() == [3, 2]

    # The host deletes people as well, and with them their accounts.
    users = LinkedAccount.objects.of("other").values("user_id")
    get_user_model()._default_manager.filter(pk__in=users).delete()
    assert counts() == [3, 0]


def test_what_is_rolled_back_is_not_counted() -> None:
    make_people("acme", 0, 1)

    with transaction.atomic():
        make_people("acme", 1, 2)
        transaction.set_rollback(True)

    assert counts() == [1, 0]


def test_row_that_is_handed_over_is_counted_where_it_is() -> None:
    keys = make_people("acme", 0, 3)

    LinkedAccount.objects.filter(pk__in=keys[:2]).update(provider_id="other")
    LinkedAccount.objects.filter(pk__in=keys[2:]).update(provider_id="acme")

    assert counts() == [1, 2]


def test_groups_are_counted_apart() -> None:
    make_people("acme", 0, 3)
    store = GroupStore(StoreContext(provider_id="acme"))

    store.create({"schemas": [GROUP], "displayName": "g"})

    assert (counts(ProvisionedGroup), counts()) == ([1, 0], [3, 0])


@on_postgresql
def test_table_that_is_emptied_at_once_has_none() -> None:
    make_people("acme", 0, 2)
    GroupStore(StoreContext(provider_id="acme")).create({"schemas": [GROUP], "displayName": "g"})

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {LinkedAccount._meta.db_table} CASCADE")

    assert (counts(), counts(ProvisionedGroup)) == ([0, 0], [1, 0])


@on_postgresql
def test_changes_are_folded_into_their_sum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        make_people("acme", 0, 300)
        cursor.execute(f"SELECT COUNT(*) FROM {TABLE}")
        (rows,) = cursor.fetchone()

    assert counts() == [300, 0]
    assert rows < 200


@on_postgresql
def test_pages_of_everything_count_no_rows() -> None:
    make_people("acme", 0, 3)
    store = UserStore(StoreContext(provider_id="acme"))

    with CaptureQueriesContext(connection) as noted:
        pages = [
            store.query(Query(limit=2)),
            store.query(Query(limit=2, offset=1)),
            store.query(Query(limit=0)),
            store.query(Query(limit=2, by_cursor=True)),
        ]

    assert [page.total for page in pages] == [3, 3, 3, 3]
    assert not any("COUNT(*) FROM" in each["sql"] for each in noted.captured_queries)


@on_postgresql
def test_rows_are_counted_where_no_trigger_does(monkeypatch: pytest.MonkeyPatch) -> None:
    table = LinkedAccount._meta.db_table
    monkeypatch.setattr(compiled_pages, "_counted", {})

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {TRIGGERS}insert")
        make_people("acme", 0, 2)

    assert counts() == [2, 0]
