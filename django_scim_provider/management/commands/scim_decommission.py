"""``manage.py scim_decommission``: close a connection and release its users."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.connections.decommission import (
    BATCH_SIZE,
    Decommissioning,
    decommission,
    remaining,
)
from django_scim_provider.management.commands import find_connection


class Command(BaseCommand):
    """Interrupted, it goes on where it was when it is called again."""

    help = (
        "Close a SCIM connection for good: its tokens end at once, and its users, whom "
        "nothing else keeps active, are deactivated. Accounts are kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", help="id of the connection")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
        parser.add_argument(
            "--keep-access",
            action="store_true",
            help="leave log-ins and memberships as they are",
        )
        parser.add_argument(
            "--batch-size",
            type=int,
            default=BATCH_SIZE,
            help="users in a transaction (%(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Decommission.

        Raises:
            CommandError: there is no such connection, or an argument is not valid.
        """
        if options["batch_size"] < 1:
            raise CommandError("--batch-size needs at least 1.")
        connection = find_connection(options["provider_id"])
        before = remaining(connection)
        left = before.total - before.released
        if options["dry_run"]:
            self.stdout.write(f"Would release {left} of {before.total} users.")
            return
        done = decommission(
            connection,
            keep_access=options["keep_access"],
            batch_size=options["batch_size"],
            progress=self._show if options["verbosity"] > 0 else None,
        )
        self.stdout.write(
            f"Decommissioned {connection.provider_id}: {done.released - before.released} users "
            f"released, of whom {done.protected} are protected and keep their access."
        )

    def _show(self, done: Decommissioning) -> None:
        self.stderr.write(f"{done.released} of {done.total} users released", ending="\r")
        self.stderr.flush()
