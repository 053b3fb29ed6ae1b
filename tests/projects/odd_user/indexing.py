"""Indexes of a table with odd names; run by ``tests.projects.test_host_projects``."""

from __future__ import annotations

import secrets

import pytest
from django.db import connection

from tests.indexes.conftest import Run, index_users
from tests.indexes.plans import fill, watched
from tests.people import connect, post

__all__ = ["index_users"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_new_user_reads_nobody_else(index_users: Run) -> None:
    client = connect()
    fill(
        "All People",
        username=lambda number: f"user{number}@x.example",
        email=lambda number: f"User{number}@X.example",
    )
    printed = index_users()

    with watched() as seen:
        assert post(client, "ann@x.example").status == 201

    assert any("E-Mail" in sql for sql, _ in seen.all)
    assert seen.reading_all("All People") == []
    assert index_users() == []
    assert len(index_users("--undo")) == sum("CREATE" in line for line in printed) == 3


def test_long_address_can_still_be_stored(index_users: Run) -> None:
    index_users()
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.example"
    quote = connection.ops.quote_name
    long = secrets.token_hex(6000)  # which nothing compresses

    assert post(connect(), "ann", emails=[{"value": address}]).status == 201
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {quote('All People')} SET {quote('E-Mail')} = %s", [long])
