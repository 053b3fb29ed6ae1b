"""``manage.py scim_import_django_scim2_server``: move in from django-scim2-server."""

from __future__ import annotations

from typing import Any

from django_scim_provider.importing.sources.django_scim2_server import DjangoSCIM2Server
from django_scim_provider.importing.sources.packages import PackageSource, Selection
from django_scim_provider.management.package_command import PackageCommand


class Command(PackageCommand):
    """Reads the tables of the package."""

    help = (
        "Give the users and groups of django-scim2-server to a connection, under the ids that "
        "identity providers know. It may be run again: what is there already stays as it is."
    )

    def source(self, selection: Selection, options: dict[str, Any]) -> PackageSource:
        """Return what reads the tables."""
        return DjangoSCIM2Server(selection)
