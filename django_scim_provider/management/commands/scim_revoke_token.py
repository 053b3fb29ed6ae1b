"""``manage.py scim_revoke_token``: end one token, or all of a connection."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.conf import get_settings
from django_scim_provider.management.commands import find_connection
from django_scim_provider.models import SCIMToken
from django_scim_provider.tokens.service import revoke_connection_tokens, revoke_scim_token


class Command(BaseCommand):
    """Tokens are named by their public look-up id, the first 8 characters of their secret."""

    help = "Revoke SCIM bearer tokens; they open nothing from the next request on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", help="id of the connection")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--lookup", metavar="ID", help="the token with this look-up id")
        which.add_argument("--all", action="store_true", help="every token of the connection")

    def handle(self, *args: Any, **options: Any) -> None:
        """Revoke.

        Raises:
            CommandError: there is no such connection or token.
        """
        connection = find_connection(options["provider_id"])
        tokens = SCIMToken.objects.using(get_settings().DATABASE).filter(provider=connection)
        if options["all"]:
            live = tokens.filter(revoked_at=None).count()
            revoke_connection_tokens(connection)
            self.stdout.write(f"Revoked {live} tokens.")
            return
        token = tokens.filter(lookup=options["lookup"]).first()
        if token is None:
            raise CommandError(f"The connection has no token {options['lookup']!r}.")
        revoke_scim_token(token)
        self.stdout.write(f"Revoked {token.lookup}.")
