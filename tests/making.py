"""Makes the database of the tests: other packages' tables from their models, ours by migrations.

A dozen packages have more than a hundred migrations, which took most of the time of a short run.
They are not what we test; that ours run after theirs is shown by the example project's ``migrate``.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

OURS = {"scim_provider", "tenancy", "inventory", "customers"}


def withhold_migrations(patched: pytest.MonkeyPatch) -> None:
    """Let ``migrate`` make the tables of other packages only, from their models."""
    modules = {
        config.label: "tests.no_migrations" if config.label in OURS else None
        for config in apps.get_app_configs()
    }
    patched.setattr(settings, "MIGRATION_MODULES", modules)


def migrate_ours(using: str) -> None:
    """Note the others' migrations as done, and run ours."""
    connection = connections[using]
    recorder = MigrationRecorder(connection)
    loader = MigrationLoader(connection)
    for key in loader.graph.nodes:
        if key[0] not in OURS and key not in loader.applied_migrations:
            recorder.record_applied(*key)
    with pytest.MonkeyPatch.context() as patched:
        # What is noted as done may depend on a user model of ours, whose table comes now.
        patched.setattr(MigrationLoader, "check_consistent_history", lambda *arguments: None)
        call_command("migrate", database=using, verbosity=0, interactive=False)
