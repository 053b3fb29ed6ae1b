"""By which statements a user goes with an account, and what is not asked for that."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import GroupMember, LinkedAccount
from django_scim_provider.storage.deletions.own_rows import referring_to
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.writing import account_locks
from tests.lifecycle.test_host_deletions import delete, forget_addresses, plain
from tests.people import connect, host_user, post

pytestmark = pytest.mark.django_db

User = get_user_model()
__all__ = ["plain"]


@pytest.mark.parametrize("has_rows", [False, True])
def test_user_goes_with_the_account_unless_there_is_more(plain: None, has_rows: bool) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    forget_addresses()
    user = host_user(created)
    if has_rows:
        user.groups.add(Group.objects.create(name="g"))

    with CaptureQueriesContext(connection) as context:
        assert delete(client, created) == 204

    deletion = f"DELETE FROM {connection.ops.quote_name(User._meta.db_table)}"
    made = [query["sql"] for query in context if deletion in query["sql"]]
    is_together = vendor_of(connection).writes_in_with
    assert len(made) == (2 if is_together and has_rows else 1)
    accounts = connection.ops.quote_name(LinkedAccount._meta.db_table)
    assert (accounts in made[0]) is is_together
    assert not User._default_manager.exists()
    assert not User.groups.through.objects.exists()


@pytest.mark.parametrize("tells", [True, False])
def test_lock_reads_groups_for_who_tells_them(tells: bool) -> None:
    joined = account_locks._joined(connection.alias, User, tells)

    assert joined is not None
    assert (GroupMember._meta.db_table in joined[0]) is tells


def test_relations_are_found_anew_once_django_has_forgotten_them() -> None:
    before = referring_to(User)
    assert referring_to(User) is before

    apps.clear_cache()

    assert referring_to(User) is not before
    assert referring_to(User) == before
