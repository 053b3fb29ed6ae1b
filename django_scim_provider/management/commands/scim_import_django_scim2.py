"""``manage.py scim_import_django_scim2``: move in from django-scim2."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from django_scim_provider.importing.sources.django_scim2 import DjangoSCIM2
from django_scim_provider.importing.sources.packages import PackageSource, Selection
from django_scim_provider.management.package_command import PackageCommand


class Command(PackageCommand):
    """Reads the columns of the package."""

    help = (
        "Give the users and groups of django-scim2 to a connection, under the ids that identity "
        "providers know. It may be run again: what is there already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        super().add_arguments(parser)
        parser.add_argument(
            "--group-model",
            metavar="MODEL",
            help="label or path of the model of groups, if not SCIM_SERVICE_PROVIDER names it",
        )
        parser.add_argument(
            "--id-field", metavar="NAME", help="column with the SCIM id of users (scim_id)"
        )

    def source(self, selection: Selection, options: dict[str, Any]) -> PackageSource:
        """Return what reads the columns."""
        model, id_field = options["group_model"], options["id_field"]
        return DjangoSCIM2(selection, group_model=model, id_field=id_field)
