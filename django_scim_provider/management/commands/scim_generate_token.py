"""``manage.py scim_generate_token``: print a new token of a connection."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.core.profiles import SWITCHES
from django_scim_provider.management.commands import find_user, told
from django_scim_provider.models.connection_profiles import known_profiles
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.service import generate_scim_token


class Command(BaseCommand):
    """Makes the connection where it is missing; only the token goes to standard output."""

    help = "Generate a SCIM bearer token for a connection and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", help="id of the connection; it is made if it is missing")
        parser.add_argument(
            "--organization", metavar="ID", help="id of the organization to provision"
        )
        parser.add_argument("--owner", metavar="USERNAME", help="the user that owns the connection")
        parser.add_argument(
            "--name", metavar="TEXT", help="what people call a new connection; its id without it"
        )
        parser.add_argument(
            "--profile",
            choices=sorted(known_profiles()),
            help="what a new connection tolerates; generic, if it is not given",
        )
        parser.add_argument(
            "--switch",
            action="append",
            default=[],
            type=_switch,
            metavar="NAME=on|off",
            help="a switch of a new connection over its profile; may be repeated",
        )
        parser.add_argument("--expires-in", type=int, metavar="DAYS", help="days that it is valid")
        parser.add_argument(
            "--label", default="", metavar="TEXT", help="a note to tell tokens apart"
        )
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=all_scopes(),
            help="what the token may do; may be repeated; all, if it is not given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate and print.

        Raises:
            CommandError: an argument is not valid, or the connection belongs to somebody else.
        """
        with told():
            token, wire = generate_scim_token(
                options["provider_id"],
                organization_id=options["organization"],
                owner=find_user(options["owner"]),
                scopes=options["scope"],
                expires_in=self._days(options["expires_in"]),
                label=options["label"],
                name=options["name"],
                profile=options["profile"],
                profile_switches=dict(options["switch"]) or None,
            )
        self.stdout.write(wire)
        until = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "until it is revoked"
        self.stderr.write(
            f"Token {token.lookup} of connection {token.provider_id}, valid {until}. "
            "It is not shown again; earlier tokens of the connection are revoked."
        )

    def _days(self, days: int | None) -> timedelta | None:
        try:
            return None if days is None else timedelta(days=days)
        except OverflowError as error:
            raise CommandError("--expires-in is too long.") from error


def _switch(text: str) -> tuple[str, bool]:
    """Read ``name=on``.

    Raises:
        ArgumentTypeError: it is no switch that is on or off.
    """
    name, _, state = text.partition("=")
    if name not in SWITCHES:
        raise ArgumentTypeError(f"There is no switch {name!r}; there are {', '.join(SWITCHES)}.")
    if state not in ("on", "off"):
        raise ArgumentTypeError(f"The switch {name} must be on or off: {name}=on.")
    return name, state == "on"
