"""``manage.py scim_index_users``: the indexes of the user table, and of what the project names."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from django_scim_provider.conf import get_settings
from django_scim_provider.registry import indexed_attributes
from django_scim_provider.storage.sql.indexed import in_place
from django_scim_provider.storage.sql.indexed.attribute_indexes import AttributeIndexes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.user_indexes import UserIndexes


class Command(BaseCommand):
    """May be run again and again; what there is stays."""

    help = (
        "Make the indexes that let the database find users by name and address in any case "
        "without reading all of them, and by the attributes of INDEXED_ATTRIBUTES. On PostgreSQL "
        "others may write meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="print the SQL and run nothing")
        parser.add_argument("--undo", action="store_true", help="drop the indexes again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the statements, and run them.

        Raises:
            CommandError: the database refuses it or has no such table, or somebody else is about
                it.
        """
        using = get_settings().DATABASE
        if vendor_of(using).orm_only:
            self.stderr.write("There is nothing to do: only migrations make indexes here.")
            return
        indexes = UserIndexes(using)
        of_attributes = AttributeIndexes(using, indexed_attributes())
        if absent := indexes.absent_tables():
            raise CommandError(
                f"There is no table {', '.join(absent)} in this database. Run migrate first."
            )
        if being_made := [*indexes.being_made(), *of_attributes.being_made()]:
            raise CommandError(
                f"{', '.join(being_made)}: somebody makes this index at this moment. "
                "Run the command again when it is done."
            )
        if options["undo"]:
            statements = [*indexes.undo_statements(), *of_attributes.undo_statements()]
        else:
            statements = [*indexes.statements(), *of_attributes.statements()]
        for statement in statements:
            if options["dry_run"] or options["verbosity"] > 0:
                self.stdout.write(f"{statement};")
                self.stdout.flush()
            if not options["dry_run"]:
                _run(indexes, statement)
        in_place.forget()
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
