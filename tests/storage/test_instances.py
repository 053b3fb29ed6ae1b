"""Users that come in the columns of a statement of ours are those that the ORM would return."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User, UserManager
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext, isolate_apps

from django_scim_provider.storage.sql.instances import instances_of, is_plain
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.writing.account_locks import lock_account
from tests.people import connect, host_user, post

pytestmark = pytest.mark.django_db(transaction=True)


class Filtering(models.QuerySet[Any]):
    """Hides rows where its rows are filtered."""

    def filter(self, *args: Any, **kwargs: Any) -> Any:
        """Return those that are active as well."""
        return super().filter(*args, is_active=True, **kwargs)


class Hiding(UserManager[Any]):
    """Hides who is inactive."""

    def get_queryset(self) -> Any:
        """Return the others."""
        return super().get_queryset().filter(is_active=True)


class Deferring(UserManager[Any]):
    """Reads a column later."""

    def get_queryset(self) -> Any:
        """Return rows without it."""
        return super().get_queryset().defer("last_name")


def test_the_user_comes_as_the_manager_returns_it() -> None:
    user = host_user(created := post(connect(), "ann").json)
    now = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
    get_user_model()._default_manager.filter(pk=user.pk).update(last_login=now)

    with transaction.atomic():
        account = lock_account(StoreContext(provider_id="acme"), created["id"])

    assert account is not None
    found, expected = account.user, get_user_model()._default_manager.get(pk=user.pk)
    assert found is not None
    names = [field.attname for field in expected._meta.concrete_fields]
    assert vars(found).keys() >= set(names)  # none is read later
    assert [getattr(found, name) for name in names] == [getattr(expected, name) for name in names]
    assert (found._state.db, found._state.adding) == ("default", False)


@pytest.mark.parametrize(
    "changed",
    [
        lambda all: all.filter(is_active=True),
        lambda all: all.exclude(is_active=True),
        lambda all: all.defer("last_name"),
        lambda all: all.only("last_name"),
        lambda all: all.select_related("scim_accounts__provider"),
        lambda all: all.annotate(one=models.Value(1)),
        lambda all: all.prefetch_related("groups"),
        lambda all: all.distinct(),
        lambda all: all[:1],
        lambda all: all.values("pk"),
        lambda all: all.union(all),
        lambda all: all.extra(where=["1 = 1"]),
        lambda all: Filtering(get_user_model()),
    ],
)
def test_what_does_more_than_read_all_rows_is_not_plain(changed: Any) -> None:
    all = get_user_model()._default_manager.using("default")

    assert is_plain(all)
    assert not is_plain(changed(all))


@isolate_apps("tests.tenancy")
def test_a_model_of_two_tables_is_the_orms() -> None:
    class Customer(User):
        class Meta:
            app_label = "tenancy"

    assert instances_of(User, "default", "u") is not None
    assert instances_of(Customer, "default", "u") is None


@pytest.mark.parametrize("manager", [Hiding, Deferring])
def test_a_manager_that_hides_or_defers_is_asked(
    manager: type[UserManager[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    created = post(client, "ann").json
    own = manager()
    own.model = get_user_model()
    monkeypatch.setattr(get_user_model()._meta, "default_manager", own)

    with CaptureQueriesContext(connection) as context:
        answer = client.patch(
            f"/Users/{created['id']}", {"op": "replace", "path": "title", "value": "T"}
        )

    assert answer.status == 200
    asked = [query["sql"] for query in context if "auth_user" in query["sql"]]
    if manager is Hiding:
        assert any(re.search(r"WHERE \(?.auth_user.\..is_active", sql) for sql in asked), asked
    else:  # by itself, once somebody looks at it
        assert any("last_name" in sql and "username" not in sql for sql in asked), asked
