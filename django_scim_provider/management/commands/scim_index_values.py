"""``manage.py scim_index_values``: the index of values that are declared unique."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from django_scim_provider.insight.indexing import Double, index_values
from django_scim_provider.management.commands import find_connections


class Command(BaseCommand):
    """May be run again and again, while requests are served."""

    help = (
        "Index the values of attributes that are declared unique, as after a declaration was "
        "changed, and tell by ids which values are there twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--provider", metavar="ID", help="one connection; all without it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Index.

        Raises:
            CommandError: there is no such connection.
        """
        for connection in find_connections(options["provider"]):
            provider_id = connection.provider_id

            def show(double: Double, provider_id: str = provider_id) -> None:
                self.stdout.write(
                    f"{provider_id} {double.resource_type} {double.id}: {double.attribute} has "
                    f"a value that {double.holder} has already"
                )

            done = index_values(connection, seen=show)
            self.stdout.write(
                f"{provider_id}: {done.resources} resources, {done.claimed} values indexed, "
                f"{done.released} released, {done.doubles} there twice."
            )
