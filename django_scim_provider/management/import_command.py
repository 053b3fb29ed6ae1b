"""What the commands that import people and groups have in common."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.connections.lifecycle import refuse_unusable
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.importing import (
    ImportOptions,
    ImportOutcome,
    ImportReport,
    ReportLine,
    import_groups,
    import_people,
)
from django_scim_provider.importing.django_groups import has_django_groups
from django_scim_provider.insight.downloads import as_cell
from django_scim_provider.management.commands import find_connection, show_progress, told
from django_scim_provider.models.batches import BATCH

FIELDS = ("kind", "name", "id", "outcome", "reason")
MOST = 5000
"""People of a batch at most: SQLite takes 32,766 parameters in one statement."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a command imports, and about how many of each there are."""

    people: Iterator[Any]
    number_of_people: int
    groups: Iterator[Any]
    number_of_groups: int


class ImportCommand(BaseCommand):
    """Imports people, then groups, and tells what became of each."""

    has_django_groups = False
    """May the groups of the source be Django's?"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments that every import has."""
        parser.add_argument("provider_id", help="id of the connection")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
        parser.add_argument(
            "--include-protected",
            metavar="USERNAME",
            action="append",
            default=[],
            help="import this member of staff or superuser as well; may be repeated",
        )
        parser.add_argument(
            "--preserve-profile",
            action="store_true",
            help="do not let the identity provider write the names of these users",
        )
        parser.add_argument(
            "--count-as-made",
            action="store_true",
            help="count the users as made by the connection: they follow it in name and address, "
            "and are deleted by it where nothing else holds them",
        )
        parser.add_argument(
            "--batch-size", type=_size, default=BATCH, metavar="N", help="people of a transaction"
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write each row to a .csv or .jsonl file"
        )
        if self.has_django_groups:
            parser.add_argument(
                "--keep-django-groups",
                action="store_true",
                help="map each group to the Django group that it has been, and let who leaves it "
                "lose that",
            )

    def incoming(self, options: dict[str, Any]) -> Incoming:
        """Return what is imported; each command says how."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say what would be imported.

        Raises:
            CommandError: there is no such connection, or it is closed; or the source cannot be
                read.
        """
        connection = find_connection(options["provider_id"])
        if options.get("keep_django_groups") and not has_django_groups():
            raise CommandError("Users of this project have no Django groups.")
        with told(), _written(options["report"]) as write:
            refuse_unusable(connection)
            incoming = self.incoming(options)
            report = ImportReport(partial(self._tell, write, options))
            try:
                self._run(connection, incoming, options, report)
            except Unauthorized as error:
                text = "The connection was closed meanwhile. Open it, and run the command again."
                raise CommandError(text) from error
            finally:
                self._sum_up(report, options)

    def _run(
        self, connection: Any, incoming: Incoming, options: dict[str, Any], report: ImportReport
    ) -> None:
        stages: tuple[tuple[Callable[..., Any], Iterator[Any], int, str], ...] = (
            (import_people, incoming.people, incoming.number_of_people, "users"),
            (import_groups, incoming.groups, incoming.number_of_groups, "groups"),
        )
        for work, rows, total, noun in stages:
            shown = total and options["verbosity"]
            told = partial(self._progress, noun, total) if shown else None
            work(connection, rows, options=_options(options, told), report=report)
            if told is not None:
                show_progress(self, noun, total, total)

    def _progress(self, noun: str, total: int, done: int) -> None:
        if done < total:
            show_progress(self, noun, done, total)

    def _tell(
        self, write: Callable[[ReportLine], None], options: dict[str, Any], line: ReportLine
    ) -> None:
        write(line)
        if line.reason or options["verbosity"] > 1:
            said = f": {line.reason}" if line.reason else ""
            row = f"{line.kind} {line.id} ({line.name})" if line.id else f"{line.kind} {line.name}"
            self.stdout.write(f"{row} {line.outcome}{said}")

    def _sum_up(self, report: ImportReport, options: dict[str, Any]) -> None:
        for kind, noun in (("User", "users"), ("Group", "groups")):
            imported, there, skipped = (report.number(kind, outcome) for outcome in ImportOutcome)
            if not imported + there + skipped:
                continue
            verb = "would be imported" if options["dry_run"] else "imported"
            self.stdout.write(
                f"{noun}: {imported} {verb}, {there} there already, {skipped} skipped."
            )
            reasons = sorted(
                (reason, number) for (of, reason), number in report.reasons.items() if of == kind
            )
            for reason, number in reasons:
                self.stdout.write(f"  {number} skipped: {reason}")
        if options["dry_run"]:
            self.stdout.write("Nothing has changed, as this was a dry run.")


def _options(options: dict[str, Any], progress: Callable[[int], None] | None) -> ImportOptions:
    return ImportOptions(
        dry_run=options["dry_run"],
        batch_size=options["batch_size"],
        protected=frozenset(options["include_protected"]),
        manages_profile=not options["preserve_profile"],
        made_here=options["count_as_made"],
        trust_unverified=options.get("trust_unverified", True),
        keep_django_groups=options.get("keep_django_groups", False),
        progress=progress,
    )


def _size(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST}, please")
    return int(text)


@contextmanager
def _written(path: Path | None) -> Iterator[Callable[[ReportLine], None]]:
    """Yield what writes lines to a file, if there is one.

    Raises:
        CommandError: the name says neither CSV nor JSON lines, or nobody can write there.
    """
    if path is None:
        yield lambda line: None
        return
    if path.suffix not in (".csv", ".jsonl"):
        raise CommandError("The report is a file whose name ends in .csv or .jsonl.")
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(str(error)) from error
    with file:
        yield _csv(file) if path.suffix == ".csv" else partial(_json, file)


def _csv(file: TextIO) -> Callable[[ReportLine], None]:
    writer = csv.writer(file)
    writer.writerow(FIELDS)

    def write(line: ReportLine) -> None:
        writer.writerow([as_cell(getattr(line, name)) for name in FIELDS])

    return write


def _json(file: TextIO, line: ReportLine) -> None:
    file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
