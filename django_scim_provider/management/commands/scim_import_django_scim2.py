"""``manage.py scim_import_django_scim2``: move in from django-scim2."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from django_scim_provider.conf import get_settings
from django_scim_provider.importing.sources.django_scim2 import DjangoSCIM2
from django_scim_provider.management.import_command import ImportCommand, Incoming


class Command(ImportCommand):
    """Reads the columns of the package, which may be uninstalled by then."""

    help = (
        "Give the users and groups of django-scim2 to a connection, under the ids that identity "
        "providers know. It may be run again: what is there already stays as it is."
    )
    has_django_groups = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        super().add_arguments(parser)
        parser.add_argument(
            "--queryset", metavar="PATH", help="dotted path of a function: only these users"
        )
        parser.add_argument("--no-groups", action="store_true", help="import people only")
        parser.add_argument(
            "--group-model",
            metavar="MODEL",
            help="label or path of the model of groups, if not SCIM_SERVICE_PROVIDER names it",
        )
        parser.add_argument(
            "--group-queryset", metavar="PATH", help="dotted path of a function: only these groups"
        )
        parser.add_argument(
            "--members",
            metavar="NAME",
            default="user_set",
            help="attribute of a group that has its users (user_set)",
        )
        parser.add_argument(
            "--id-field", metavar="NAME", help="column with the SCIM id of users (scim_id)"
        )

    def incoming(self, options: dict[str, Any]) -> Incoming:
        """Return the users and groups that have a SCIM id."""
        source = DjangoSCIM2(
            using=get_settings().DATABASE,
            queryset=options["queryset"],
            group_model=options["group_model"],
            group_queryset=options["group_queryset"],
            members=options["members"],
            id_field=options["id_field"],
            with_groups=not options["no_groups"],
        )
        people, groups = source.counts()
        return Incoming(source.people(), people, source.groups(), groups)
