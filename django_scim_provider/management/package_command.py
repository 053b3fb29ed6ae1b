"""What the commands that move in from another package have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.core.management.base import CommandParser

from django_scim_provider.conf import get_settings
from django_scim_provider.importing.sources.packages import PackageSource, Selection
from django_scim_provider.management.import_command import ImportCommand, Incoming


class PackageCommand(ImportCommand):
    """Reads what a package left in the database, which may be uninstalled by then."""

    has_django_groups = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments that say which users and groups."""
        super().add_arguments(parser)
        parser.add_argument(
            "--queryset", metavar="PATH", help="dotted path of a function: only these users"
        )
        parser.add_argument("--no-groups", action="store_true", help="import people only")
        parser.add_argument(
            "--group-queryset", metavar="PATH", help="dotted path of a function: only these groups"
        )
        parser.add_argument(
            "--members",
            metavar="NAME",
            default="user_set",
            help="attribute of a group that has its users (user_set)",
        )

    @abstractmethod
    def source(self, selection: Selection, options: dict[str, Any]) -> PackageSource:
        """Return what reads the package's rows."""

    def incoming(self, options: dict[str, Any]) -> Incoming:
        """Return the users and groups that the package provisioned."""
        selection = Selection(
            using=get_settings().DATABASE,
            queryset=options["queryset"],
            group_queryset=options["group_queryset"],
            members=options["members"],
            with_groups=not options["no_groups"],
        )
        source = self.source(selection, options)
        people, groups = source.counts()
        return Incoming(source.people(), people, source.groups(), groups)
