"""``manage.py scim_index_users``: indexes of the user table for what every new user asks of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, NotSupportedError

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.sql.indexed import text_parts
from django_scim_provider.storage.user_indexes import UserIndexes


class Command(BaseCommand):
    """May be run again and again; what there is stays."""

    help = (
        "Make the indexes that let the database find users by name and address in any case "
        "without reading all of them. On PostgreSQL others may write meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="print the SQL and run nothing")
        parser.add_argument("--undo", action="store_true", help="drop the indexes again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the statements, and run them.

        Raises:
            CommandError: the database cannot do it or has no such table, or somebody else is about
                it.
        """
        try:
            indexes = UserIndexes(get_settings().DATABASE)
        except NotSupportedError as error:
            raise CommandError(str(error)) from error
        if absent := indexes.absent_tables():
            raise CommandError(
                f"There is no table {', '.join(absent)} in this database. Run migrate first."
            )
        if being_made := indexes.being_made():
            raise CommandError(
                f"{', '.join(being_made)}: somebody makes this index at this moment. "
                "Run the command again when it is done."
            )
        using = get_settings().DATABASE
        if options["undo"]:
            statements = [*indexes.undo_statements(), *text_parts.undo_statements(using)]
        else:
            statements = [*indexes.statements(), *text_parts.statements(using)]
        text_parts.forget()
        for statement in statements:
            if options["dry_run"] or options["verbosity"] > 0:
                self.stdout.write(f"{statement};")
                self.stdout.flush()
            if not options["dry_run"]:
                _run(indexes, statement)
        if not statements and options["verbosity"] > 0:
            self.stderr.write("There is nothing to do.")


def _run(indexes: UserIndexes, statement: str) -> None:
    try:
        indexes.run(statement)
    except DatabaseError as error:
        raise CommandError(
            f"{str(error).strip()}\n"
            "Nothing is lost: run the command again; it repairs what is half made."
        ) from error
