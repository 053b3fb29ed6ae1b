"""``manage.py scim_rotate_token``: print a new token of a connection that exists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.management.commands import find_connection, told
from django_scim_provider.tokens.service import generate_scim_token

MAX_HOURS = 24 * 31


class Command(BaseCommand):
    """Only the token goes to standard output."""

    help = "Replace the tokens of a SCIM connection by a new one and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", help="id of the connection")
        parser.add_argument(
            "--overlap",
            type=int,
            metavar="HOURS",
            help="hours that the earlier tokens stay valid; without it they end at once",
        )
        parser.add_argument(
            "--label", default="", metavar="TEXT", help="a note to tell tokens apart"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and print.

        Raises:
            CommandError: there is no such connection, or an argument is not valid.
        """
        hours = options["overlap"]
        if hours is not None and not 1 <= hours <= MAX_HOURS:
            raise CommandError(f"--overlap needs 1 to {MAX_HOURS} hours.")
        connection = find_connection(options["provider_id"])
        if connection.decommissioned_at is not None:
            raise CommandError("The connection is decommissioned.")
        with told():
            token, wire = generate_scim_token(
                connection.provider_id,
                label=options["label"],
                overlap=None if hours is None else timedelta(hours=hours),
            )
        self.stdout.write(wire)
        ends = "at once" if hours is None else f"in {hours} hours"
        self.stderr.write(
            f"Token {token.lookup} of connection {token.provider_id}. It is not shown again; "
            f"earlier tokens end {ends}."
        )
