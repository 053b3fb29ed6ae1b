"""The app of the project."""

from __future__ import annotations

from django.apps import AppConfig


class RecordersConfig(AppConfig):
    """Its models have keys as Django makes them by default."""

    name = "tests.projects.recorders"
    label = "recorders"
    default_auto_field = "django.db.models.BigAutoField"
