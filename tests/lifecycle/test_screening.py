"""One statement tells whether anybody has a new name; what a project overrides is asked."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import UserManager
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import ProviderConnection
from tests.people import connect, make_user, post
from tests.test_query_budgets import statements

User = get_user_model()


class FindingNobody(DefaultAdapter):
    def find_users(self, fields: dict[str, Any], *, resource: Any = None) -> Any:
        return User._default_manager.none()


class ProtectingNobody(DefaultAdapter):
    def protected_users(self) -> QuerySet[Any]:
        return User._base_manager.none()


def hiding(manager: Any) -> QuerySet[Any]:
    """Return what a manager would that hides a user."""
    return QuerySet(manager.model, using=manager._db).exclude(username="ann")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "adapter"), [("staff@", "ProtectingNobody"), ("ann@x.example", "FindingNobody")]
)
def test_adapter_is_asked_after_the_default_has_answered(
    scim_settings: Any, name: str, adapter: str
) -> None:
    client = connect()
    make_user("ann", email="Ann@x.example")
    make_user("boss", email="Staff@", is_staff=True)
    found_by = {"FindingNobody": {}, "ProtectingNobody": {"emails": [{"value": "b@x.example"}]}}
    before = post(client, name, **found_by[adapter]).status

    scim_settings(ADAPTER=f"tests.lifecycle.test_screening.{adapter}")

    assert (before, post(client, name, **found_by[adapter]).status) == (409, 201)


@pytest.mark.django_db
def test_manager_of_the_project_is_asked_after_the_default_has_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = connect()
    make_user("ann", email="Ann@x.example")
    before = post(client, "ann@x.example").status

    monkeypatch.setattr(UserManager, "get_queryset", hiding)

    assert (before, post(client, "ann@x.example").status) == (409, 201)


@pytest.mark.django_db
def test_staff_may_be_no_longer_protected(scim_settings: Any) -> None:
    client = connect()
    make_user("boss", email="Boss.Mail@x.example", is_staff=True)
    before = post(client, "boss.mail@x.example ").status

    scim_settings(ALLOW_PRIVILEGED_USERS=True)

    with statements() as made:
        post(client, "other@x.example")
    assert before == 409
    assert not any("is_staff" in sql and sql.startswith("WITH") for sql in made)


@pytest.mark.django_db
def test_own_names_are_not_in_the_way_of_a_change() -> None:
    client = connect()
    ann = post(client, "ann", emails=[{"value": "ann@x.example"}]).json
    rename = {"op": "replace", "path": "userName"}

    with statements() as made:
        assert client.patch(f"/Users/{ann['id']}", {**rename, "value": "ANN"}).status == 200

    assert len([sql for sql in made if "UPPER" in sql or "LIKE" in sql]) == 1
    assert User._default_manager.get().username == "ANN"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer at a time, so nobody waits"
)
def test_who_came_while_the_connection_was_locked_is_found() -> None:
    client = connect()
    locked, answers = Event(), []

    def hold() -> None:
        try:
            with transaction.atomic():
                list(ProviderConnection.objects.select_for_update().values_list("pk"))
                locked.set()
                time.sleep(0.5)
                make_user("Ann", email="")
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert locked.wait(20)
    answers.append(post(client, "ann").status)
    thread.join()

    assert answers == [409]
