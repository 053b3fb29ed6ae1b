"""The index of trigrams, which serves ``co`` on e-mail addresses where the database has such."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.indexed import text_parts
from django_scim_provider.storage.sql.lookups import reach
from django_scim_provider.storage.users.filter_columns import user_columns

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    text_parts.forget()
    yield
    text_parts.forget()


def is_bounded(part: str) -> bool:
    bound = bind_text(f'emails.value co "{part}"', USER, GENERIC)
    return reach(bound, user_columns("acme", "https://x.example"), LinkedAccount).is_bounded


def test_command_makes_the_index_where_the_database_has_trigrams() -> None:
    before = is_bounded("ann@x")

    call_command("scim_index_users", verbosity=0)

    made = text_parts.undo_statements("default")
    assert not before
    assert bool(made) is (connection.vendor == "postgresql")
    assert is_bounded("ann@x") is bool(made)
    assert not is_bounded("a@x")
    assert text_parts.statements("default") == []


def test_undo_drops_it() -> None:
    call_command("scim_index_users", verbosity=0)

    call_command("scim_index_users", "--undo", verbosity=0)

    assert text_parts.undo_statements("default") == []
    assert not is_bounded("ann@x")
