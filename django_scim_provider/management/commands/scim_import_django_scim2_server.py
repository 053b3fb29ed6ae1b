"""``manage.py scim_import_django_scim2_server``: move in from django-scim2-server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from django_scim_provider.conf import get_settings
from django_scim_provider.importing.sources.django_scim2_server import DjangoSCIM2Server
from django_scim_provider.management.import_command import ImportCommand, Incoming


class Command(ImportCommand):
    """Reads the tables of the package, which may be uninstalled by then."""

    help = (
        "Give the users and groups of django-scim2-server to a connection, under the ids that "
        "identity providers know. It may be run again: what is there already stays as it is."
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
            "--group-queryset",
            metavar="PATH",
            help="dotted path of a function: only these Django groups",
        )
        parser.add_argument(
            "--members",
            metavar="NAME",
            default="user_set",
            help="attribute of a Django group that has its users (user_set)",
        )

    def incoming(self, options: dict[str, Any]) -> Incoming:
        """Return what the two tables hold."""
        source = DjangoSCIM2Server(
            using=get_settings().DATABASE,
            queryset=options["queryset"],
            group_queryset=options["group_queryset"],
            members=options["members"],
        )
        people, groups = source.counts()
        if options["no_groups"]:
            groups = 0
        return Incoming(source.people(), people, source.groups(), groups)
