"""Makes the database of the tests: other packages' tables from their models, ours by migrations.

A dozen packages have more than a hundred migrations, which took most of the time of a short run.
They are not what we test; that ours run after theirs is shown by the example project's ``migrate``.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

OURS = {"scim_provider", "tenancy", "inventory"}


def withhold_migrations(patched: pytest.MonkeyPatch) -> None:
    """Let ``migrate`` make the tables of other packages only, from their models.

    Migrations of others depend on that of a project's user model, if it has one: then all run.
    """
    user_app = apps.get_app_config(settings.AUTH_USER_MODEL.partition(".")[0])
    if user_app.label != "auth" and find_spec(f"{user_app.name}.migrations") is not None:
        return
    # On MongoDB our apps of tests have none either.
    without = {label for label, module in settings.MIGRATION_MODULES.items() if module is None}
    modules = {
        config.label: "tests.no_migrations" if config.label in OURS - without else None
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
    call_command("migrate", database=using, verbosity=0, interactive=False)
