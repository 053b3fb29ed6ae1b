"""A lock is on the rows that are named, also where their keys are read at once."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from django_scim_provider.models import LinkedAccount, RoleMapping, Turn
from django_scim_provider.storage.locks import lock_users
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.sql.vendors.portable import Portable
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked
from django_scim_provider.storage.transactions.row_turns import ROWS, LocksWholeTable
from tests.factories import make_connection
from tests.people import connect, post
from tests.portable.both_ways import Optimistic, by_orm

pytestmark = pytest.mark.django_db
USERS = 60
FEW = 6


@pytest.fixture
def users() -> list[Any]:
    """Return users of the project."""
    model = get_user_model()
    names = [f"user{number}@x.example" for number in range(USERS)]
    made = [model(username=name, email=name) for name in names]
    model._default_manager.bulk_create(made, batch_size=20)
    return list(model._default_manager.order_by("pk"))


def turns(*users: Any) -> set[str]:
    """Return the turns of users."""
    label = get_user_model()._meta.label_lower
    return {f"lock:{crc32(f'{label}:{user.pk}'.encode()) % ROWS}" for user in users}


def taken(users: list[Any]) -> set[str]:
    """Return the turns of users that were taken."""
    return turns(*users) & set(Turn.objects.values_list("name", flat=True))


def test_lock_of_one_user_is_on_that_one(users: list[Any]) -> None:
    with by_orm(kind=Optimistic):
        assert lock_users("default", [users[7].pk]) == {users[7].pk}

    assert taken(users) == turns(users[7])


def test_roles_of_one_user_lock_that_one(users: list[Any]) -> None:
    make_connection(provider_id="acme")
    group = Group.objects.create(name="g")
    everyone = {"match_by": RoleMapping.MatchBy.EVERYONE, "value": "", "django_group": group}
    RoleMapping.objects.create(provider_id="acme", **everyone)

    with by_orm(kind=Optimistic):
        Roles(StoreContext(provider_id="acme")).reconcile([users[7].pk])

    assert taken(users) == turns(users[7])


def test_link_to_one_user_locks_that_one(users: list[Any], scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    client = connect()

    with by_orm(kind=Optimistic):
        answer = post(client, users[7].username)

    assert answer.status == 201, answer.text
    assert LinkedAccount.objects.get().user_id == users[7].pk
    assert turns(users[7]) <= taken(users)
    # Whoever writes takes a turn at random as well, which may be that of another user.
    assert len(taken(users)) < FEW


@pytest.mark.parametrize("kind", [Portable, Optimistic])
def test_lock_on_all_rows_is_refused(users: list[Any], kind: type[Portable]) -> None:
    rows = get_user_model()._default_manager.all()

    with by_orm(kind=kind), pytest.raises(LocksWholeTable, match="filter the rows"):
        locked(rows)

    assert not Turn.objects.exists()
