"""The example project's own app."""

from __future__ import annotations

from django.apps import AppConfig


class ExampleConfig(AppConfig):
    """Holds the project's users and devices."""

    name = "example"
    default_auto_field = "django.db.models.BigAutoField"
