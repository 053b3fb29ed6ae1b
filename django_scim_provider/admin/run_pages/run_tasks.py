"""Runs by workers of Django's tasks (6.0 and later)."""

from __future__ import annotations

from django_scim_provider.admin.run_pages.performing import perform

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    pass
else:

    @task()
    def perform_run(key: str) -> None:
        """Make the run of that key."""
        perform(key, is_queued=True)
