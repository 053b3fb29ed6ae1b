"""The migrations make what the models say, and go back."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from django_scim_provider.models import LinkedAccount

CONSTRAINTS = {
    "scim_account_key": ["provider_id", "account_id"],
    "scim_account_scim_id": ["provider_id", "scim_id"],
    "scim_account_user": ["provider_id", "user_id"],
}


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    out = StringIO()

    call_command("makemigrations", "--check", "--dry-run", stdout=out)

    assert "No changes" in out.getvalue()


@pytest.mark.django_db
def test_constraints_of_accounts_are_in_the_database() -> None:
    with connection.cursor() as cursor:
        table = LinkedAccount._meta.db_table
        found = connection.introspection.get_constraints(cursor, table)

    unique = {name: entry["columns"] for name, entry in found.items() if entry["unique"]}
    assert CONSTRAINTS.items() <= unique.items()


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth() -> None:
    def tables() -> set[str]:
        names = connection.introspection.table_names()
        return {name for name in names if name.startswith("scim_provider_")}

    before = tables()
    try:
        call_command("migrate", "scim_provider", "zero", verbosity=0)
        gone = tables()
    finally:
        call_command("migrate", verbosity=0)

    assert len(before) >= 6
    assert gone == set()
    assert tables() == before


def test_only_users_and_their_groups_are_depended_on() -> None:
    """The app installs into projects whose users come from anywhere.

    No migration of theirs is named: on MongoDB projects have other ones for Django's own apps.
    """
    loader = MigrationLoader(None)
    ours = [m for (label, _), m in loader.disk_migrations.items() if label == "scim_provider"]

    outside: list[Any] = [d for m in ours for d in m.dependencies if d[0] != "scim_provider"]
    assert {d.setting for d in outside} == {settings.AUTH_USER_MODEL, "auth.Group"}
    assert {d[1] for d in outside} == {"__first__"}
