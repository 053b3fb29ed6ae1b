"""``manage.py scim_index_users``."""

from __future__ import annotations

import re
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from django_scim_provider.models import LinkedAccount
from tests.indexes.conftest import Run
from tests.indexes.plans import fill, watched
from tests.people import connect, make_user, post

pytestmark = pytest.mark.django_db(transaction=True)
only_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="an index is made beside writers by PostgreSQL alone"
)

MADE = 3
"""Name, address and privileges; on MariaDB the name has one, and each of two flags needs one."""


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "auth_user")
    return {name for name in found if name.startswith("scim_index_users_")}


def test_new_user_reads_nobody_else(index_users: Run) -> None:
    client = connect()
    fill(
        "auth_user",
        username=lambda number: f"user_{number}@x.example",
        email=lambda number: f"User_{number}@X.example",
    )
    with watched() as before:
        assert post(client, "ann_1@x.example").status == 201
    assert any("email" in sql for sql in before.reading_all("auth_user"))
    assert any("is_staff" in sql for sql in before.reading_all("auth_user"))

    index_users()

    with watched() as after:
        ben = post(client, "ben_1@x.example")
        assert ben.status == 201
        rename = {"op": "replace", "path": "userName", "value": "benjamin@x.example"}
        move = {"op": "replace", "value": {"emails": [{"value": "b@x.example", "primary": True}]}}
        assert client.patch(f"/Users/{ben.json['id']}", rename, move).status == 200
        assert post(client, "user_7@x.example").status == 409
    assert after.reading_all("auth_user") == []


def test_who_is_there_in_another_case_is_found_by_the_index(index_users: Run) -> None:
    index_users()
    make_user("Ann_O'Hara@X.example", email="Ann.Other@X.example")
    client = connect()

    assert post(client, "ann_o'hara@x.EXAMPLE").status == 409
    assert post(client, "ann.other@x.example").status == 409
    assert post(client, "annXo'hara@x.example").status == 201
    assert LinkedAccount.objects.count() == 1


def test_dry_run_prints_and_makes_nothing(index_users: Run) -> None:
    printed = index_users("--dry-run")

    assert indexes() == set()
    creating = [line for line in printed if line.startswith("CREATE INDEX ")]
    assert len(creating) == MADE
    assert all(line.endswith(";") for line in printed)
    assert index_users() == printed


def test_again_does_nothing(index_users: Run) -> None:
    index_users()
    made = indexes()

    assert len(made) == MADE
    assert index_users() == []
    assert indexes() == made


def test_undo_drops_them_and_nothing_else(index_users: Run) -> None:
    with connection.cursor() as cursor:
        before = set(connection.introspection.get_constraints(cursor, "auth_user"))
    index_users()

    shown = index_users("--undo", "--dry-run")
    assert len(indexes()) == len(shown) == MADE
    assert index_users("--undo") == shown

    with connection.cursor() as cursor:
        assert set(connection.introspection.get_constraints(cursor, "auth_user")) == before
    assert index_users("--undo") == []


def test_index_of_the_project_does_as_well(index_users: Run) -> None:
    quote = connection.ops.quote_name
    key = {"postgresql": "UPPER(email)", "sqlite": "email COLLATE NOCASE"}
    own = key.get(connection.vendor, "email")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX own_email ON {quote('auth_user')} ({own})")
    try:
        assert not any("email" in line for line in index_users())
    finally:
        with connection.cursor() as cursor:
            on = " ON auth_user" if connection.vendor == "mysql" else ""
            cursor.execute(f"DROP INDEX own_email{on}")


def test_what_is_not_asked_has_no_index(index_users: Run, scim_settings: Any) -> None:
    index_users()
    scim_settings(ALLOW_PRIVILEGED_USERS=True)

    dropped = index_users()

    assert dropped
    assert all(re.match(r"DROP INDEX .*is_s", line) for line in dropped)
    assert index_users() == []


def test_addresses_of_allauth_are_asked_where_a_policy_links(
    index_users: Run, scim_settings: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)

    asked = any("account_emailaddress" in line for line in index_users("--dry-run"))

    # On MariaDB allauth's own index serves.
    assert asked == (connection.vendor != "mysql")


def test_in_a_transaction_it_waits_for_nobody(index_users: Run) -> None:
    with transaction.atomic():
        printed = index_users("--dry-run")

    assert not any("CONCURRENTLY" in line for line in printed)
    assert any("CONCURRENTLY" in line for line in index_users("--dry-run")) == (
        connection.vendor == "postgresql"
    )


@only_postgresql
def test_index_that_broke_off_is_repaired(index_users: Run) -> None:
    (name,) = {line.split('"')[1] for line in index_users("--dry-run") if "email" in line}
    make_user("ann", email="same@x.example")
    make_user("ben", email="SAME@x.example")
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute(
            f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON auth_user (UPPER(email::text))'
        )
    assert name in indexes()  # and serves nobody

    printed = index_users()

    assert [line.split()[0] for line in printed if name in line] == ["DROP", "CREATE"]
    assert len(indexes()) == 3
    assert index_users() == []


@only_postgresql
def test_index_that_somebody_makes_now_is_left_to_them(index_users: Run) -> None:
    user = make_user("ann")
    creating, *_ = index_users("--dry-run")
    failures: list[BaseException] = []

    def make() -> None:
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute(creating)
        except BaseException as error:
            failures.append(error)
        finally:
            connections["default"].close()

    maker = Thread(target=make)
    with transaction.atomic():  # CREATE INDEX CONCURRENTLY waits for who writes
        user.save()
        maker.start()
        while not _is_under_way():
            assert maker.is_alive()
        with pytest.raises(CommandError, match="at this moment"):
            call_command("scim_index_users", stdout=StringIO())
    maker.join()

    assert not failures
    assert len(index_users()) == 3  # two indexes and the statistics


def _is_under_way() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # of which a transaction keeps one
        cursor.execute("SELECT 1 FROM pg_stat_progress_create_index WHERE index_relid <> 0")
        return cursor.fetchone() is not None
