"""``manage.py scim_import_csv``: accounts for people whom a file names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser

from django_scim_provider.importing.sources.csv_files import groups_of, people_of
from django_scim_provider.management.import_command import ImportCommand, Incoming


class Command(ImportCommand):
    """Finds each user of the project by one column, and takes the rest as SCIM attributes."""

    help = (
        "Give users whom a CSV file names accounts of a connection, under the ids in the file. It "
        "may be run again: who has an account already stays as they are. Nobody is created."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="a CSV file in UTF-8 with a header")
        parser.add_argument(
            "--column",
            metavar="NAME=PATH",
            type=_pair,
            action="append",
            default=[],
            help="what a column is that is not called like a SCIM attribute, such as "
            "'Phone=phoneNumbers[type eq \"work\"].value'; - for one that is not looked at",
        )
        parser.add_argument(
            "--match",
            metavar="NAME=FIELD",
            type=_pair,
            help="the column that names the user, and the field of the user model with the same "
            "value (userName and what people log in with)",
        )
        parser.add_argument(
            "--groups", type=Path, metavar="FILE", help="a CSV file of groups with their members"
        )
        parser.add_argument(
            "--trust-unverified",
            action="store_true",
            help="also users with a password whose address nobody knows to be theirs",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import what the files hold; see ``ImportCommand``."""
        with ExitStack() as self._open:
            super().handle(*args, **options)

    def incoming(self, options: dict[str, Any]) -> Incoming:
        """Return the rows of the files."""
        match = options["match"] or ("userName", str(get_user_model().USERNAME_FIELD))
        people = people_of(self._opened(options["file"]), dict(options["column"]), match)
        groups: Iterator[Any] = iter(())
        if options["groups"] is not None:
            groups = groups_of(self._opened(options["groups"]))
        return Incoming(
            people, _lines(options["file"]), groups, _lines(options["groups"] or Path())
        )

    def _opened(self, path: Path) -> TextIO:
        try:
            return self._open.enter_context(path.open(encoding="utf-8-sig", newline=""))
        except OSError as error:
            raise CommandError(str(error)) from error


def _pair(text: str) -> tuple[str, str]:
    # Paths have = in no place, names of columns might.
    name, between, value = text.rpartition("=")
    if not (name and between and value):
        raise argparse.ArgumentTypeError("NAME=VALUE, please")
    return name, value


def _lines(path: Path) -> int:
    """Return about how many rows a file has; 0 where there is none."""
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return max(0, sum(1 for _ in file) - 1)
