"""The indexes of trigrams, which serve ``co`` and ``ew`` where the database has such."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.indexed import in_place
from django_scim_provider.storage.sql.searching.lookups import reach
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.filter_columns import user_columns

pytestmark = pytest.mark.django_db

SEARCHED = ["emails.value", "userName", "displayName", "name.familyName", "name.givenName"]


@pytest.fixture(autouse=True)
def _asked_anew(scim_settings: Any) -> Iterator[None]:
    scim_settings(INDEXED_ATTRIBUTES=SEARCHED[1:])
    in_place.forget()
    yield
    in_place.forget()


def is_bounded(expression: str) -> bool:
    bound = bind_text(expression, USER, GENERIC)
    return reach(bound, user_columns("acme", "https://x.example"), LinkedAccount).is_bounded


def made() -> list[str]:
    names = vendor_of("default").named_indexes(connection, "scim_")
    return [each.name for each in names if "trigrams" in each.name or "_parts_" in each.name]


@pytest.mark.parametrize("attribute", SEARCHED)
def test_command_makes_the_indexes_where_the_database_has_trigrams(attribute: str) -> None:
    has_trigrams = connection.vendor == "postgresql"
    before = is_bounded(f'{attribute} co "ann@x"')
    again = StringIO()

    call_command("scim_index_users", verbosity=0)

    assert not before
    assert len(made()) == (len(SEARCHED) if has_trigrams else 0)
    for operator in ("co", "ew"):
        assert is_bounded(f'{attribute} {operator} "ann@x"') is has_trigrams
        assert not is_bounded(f'{attribute} {operator} "a@x"')
    call_command("scim_index_users", "--dry-run", stdout=again, stderr=again)
    assert "There is nothing to do." in again.getvalue()


def test_undo_drops_them() -> None:
    call_command("scim_index_users", verbosity=0)

    call_command("scim_index_users", "--undo", verbosity=0)

    assert made() == []
    assert not any(is_bounded(f'{attribute} co "ann@x"') for attribute in SEARCHED)


def test_names_have_such_indexes_where_the_project_names_them(scim_settings: Any) -> None:
    scim_settings(INDEXED_ATTRIBUTES=[])

    call_command("scim_index_users", verbosity=0)

    assert len(made()) == (1 if connection.vendor == "postgresql" else 0)
    assert not any(is_bounded(f'{attribute} co "ann@x"') for attribute in SEARCHED[1:])
