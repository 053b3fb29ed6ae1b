"""A run that is made at once."""

from __future__ import annotations

from django_scim_provider.admin.run_pages.performing import perform
from django_scim_provider.models import CheckRun


def made(run: CheckRun) -> CheckRun:
    perform(str(run.pk))
    run.refresh_from_db()
    return run
