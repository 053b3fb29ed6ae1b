"""A project on MongoDB is set up by Django's own commands, and has what the models ask for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from django_scim_provider.models import ProviderConnection
from tests.factories import make_connection
from tests.mongodb.starting import ROOT
from tests.parallel import environment

MODELS = tuple(apps.get_app_config("scim_provider").get_models())
MAKE_A_CONNECTION = """
from django_scim_provider.models import ProviderConnection
ProviderConnection.objects.create(provider_id="acme")
print("made", ProviderConnection.objects.get(provider_id="acme"))
"""


@pytest.fixture
def new_database(db: None) -> Iterator[str]:
    """Yield the name of a database that does not exist yet, and drop it at the end."""
    name = f"scim_new_{os.getpid()}"
    yield name
    client: Any = connection.connection
    client.drop_database(name)


def command(database: str, *arguments: str) -> str:
    """Run a command of Django's on a database, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=ROOT,
        env={**environment(), "SCIM_TEST_MONGODB_NAME": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_new_database_is_migrated_and_checked(new_database: str) -> None:
    migrated = command(new_database, "migrate", "--no-color")
    again = command(new_database, "migrate", "--no-color")
    command(new_database, "check", "--database", "default")

    assert "Applying scim_provider.0001_initial... OK" in migrated
    assert "No migrations to apply" in again
    assert "made acme" in command(new_database, "shell", "-c", MAKE_A_CONNECTION)


def test_migrations_are_complete(new_database: str) -> None:
    assert "No changes" in command(new_database, "makemigrations", "--check", "--dry-run")


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_constraints_are_unique_indexes_and_folded_texts_have_none(model: Any) -> None:
    database: Any = connection.get_database()  # type: ignore[attr-defined]  # of MongoDB's backend
    found = database[model._meta.db_table].index_information()

    columns = {name: [column for column, _ in each["key"]] for name, each in found.items()}
    for constraint in model._meta.total_unique_constraints:
        names = [model._meta.get_field(each).column for each in constraint.fields]
        assert columns[constraint.name] == names
        assert found[constraint.name]["unique"] is True
    assert {each.name for each in model._meta.indexes} - columns.keys() <= {
        "scim_account_folded",
        "scim_group_folded",
    }
    assert ["folded"] not in columns.values()


@pytest.mark.django_db
def test_moments_are_kept_to_the_millisecond() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    row = make_connection(decommissioned_at=moment)

    row.refresh_from_db()

    assert row.decommissioned_at == moment.replace(microsecond=678_000)
    assert ProviderConnection.objects.filter(decommissioned_at=moment).exists()
