"""What is looked for beside a name as it came is served by the indexes as well."""

from __future__ import annotations

from typing import Any

import pytest

from tests.indexes.conftest import Run
from tests.indexes.plans import fill, watched
from tests.lifecycle.test_normalized_names import ADDRESS, NAME, mail
from tests.people import connect, post

pytestmark = pytest.mark.django_db(transaction=True)


def test_name_in_two_forms_reads_nobody_else(index_users: Run) -> None:
    client = connect()
    fill_users()
    index_users()

    with watched() as seen:
        assert post(client, NAME, emails=mail(ADDRESS)).status == 201

    assert seen.reading_all("auth_user") == []


def test_shared_address_reads_nobody_else(index_users: Run, settings: Any) -> None:
    settings.ACCOUNT_UNIQUE_EMAIL = False
    client = connect()
    fill_users()
    index_users()
    for name in ("ann", "bob"):
        post(client, name, emails=mail(ADDRESS))

    with watched() as seen:
        assert post(client, "carl", emails=mail(ADDRESS)).status == 201

    assert seen.reading_all("auth_user") == []


def fill_users() -> None:
    fill(
        "auth_user",
        username=lambda number: f"user_{number}@x.example",
        email=lambda number: f"User_{number}@X.example",
    )
