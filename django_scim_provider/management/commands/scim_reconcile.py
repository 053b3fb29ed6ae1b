"""``manage.py scim_reconcile``: bring roles in line with groups and mappings."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from django_scim_provider.management.commands import find_connections, show_progress
from django_scim_provider.storage.roles.replay import reconcile_roles


class Command(BaseCommand):
    """A second run changes nothing; what was given by hand stays."""

    help = "Give users of SCIM connections the roles that their groups are mapped to."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--provider", metavar="ID", help="one connection; all without it")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reconcile.

        Raises:
            CommandError: there is no such connection.
        """
        verb = "would be" if options["dry_run"] else "were"
        shown = partial(show_progress, self, "users") if options["verbosity"] > 0 else None
        for connection in find_connections(options["provider"]):
            changes = reconcile_roles(
                connection,
                dry_run=options["dry_run"],
                progress=shown,
            )
            self.stdout.write(
                f"{connection.provider_id}: {changes.granted} roles {verb} granted, "
                f"{changes.revoked} {verb} revoked."
            )
