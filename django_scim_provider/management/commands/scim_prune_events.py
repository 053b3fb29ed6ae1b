"""``manage.py scim_prune_events``: delete old events and failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.insight.at_a_glance.tallies import keep_tallies
from django_scim_provider.insight.pruning import (
    BATCH_SIZE,
    forget_old_identities,
    forget_old_values,
    old_events,
    old_failures,
    prune_events,
    prune_failures,
)
from django_scim_provider.management.commands import find_connection
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.recorder.keeping import forget_expired


class Command(BaseCommand):
    """How long events are kept is the project's to say, so there is no default."""

    help = (
        "Delete SCIM provisioning events that are older than so many days, and failures that "
        "happened last before that; who failed, when FAILED_IDENTITIES days are over; values of "
        "changed attributes, when EVENT_VALUES days are; and recorded requests whose hours are "
        "over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--older-than", metavar="DAYS", type=int, required=True, help="days that events stay"
        )
        parser.add_argument("--provider", metavar="ID", help="one connection; all without it")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
        parser.add_argument(
            "--batch-size",
            type=int,
            default=BATCH_SIZE,
            help="events in a transaction (%(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, or say how many would be deleted.

        Raises:
            CommandError: there is no such connection, or an argument is not valid.
        """
        days, given = options["older_than"], options["provider"]
        if days < 1:
            raise CommandError("--older-than needs at least 1 day.")
        if options["batch_size"] < 1:
            raise CommandError("--batch-size needs at least 1.")
        try:
            before = utc_now() - timedelta(days=days)
        except OverflowError as error:
            raise CommandError("--older-than is too long ago.") from error
        connection = None if given is None else find_connection(given)
        total = old_events(before, connection).count()
        if options["dry_run"]:
            self.stdout.write(f"Would delete {total} events older than {days} days.")
            if failures := old_failures(before, connection).count():
                self.stdout.write(f"Would delete {failures} failures as well.")
            return

        def show(deleted: int) -> None:
            self.stderr.write(f"{deleted} of {total} events deleted", ending="\r")
            self.stderr.flush()

        keep_tallies()
        deleted = prune_events(
            before,
            connection=connection,
            batch_size=options["batch_size"],
            progress=show if options["verbosity"] > 0 else None,
        )
        self.stdout.write(f"Deleted {deleted} events older than {days} days.")
        size = options["batch_size"]
        if failures := prune_failures(before, connection=connection, batch_size=size):
            self.stdout.write(f"Deleted {failures} failures as well.")
        forget_old_identities(connection)
        forget_expired(connection)
        forget_old_values(connection, size)
