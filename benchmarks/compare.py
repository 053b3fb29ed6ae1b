"""Measures what the same work costs here, on the floor, and in other packages.

Each target runs under gunicorn with two workers on a database of its own: ``floor``, a hand-written
Django view with raw SQL that keeps and returns a whole enterprise profile; ``floor-drf``, the same
through a bare ``APIView``; ``ours``, this app in a project that has nothing else; and, with
``--peers``, other packages from PyPI. Servers of PostgreSQL and MariaDB are started in the folder,
or named by ``--server``. Figures are CPU time, of the application and of the database, as multiples
of the floor's in the same round. Needs Linux (``/proc``) and the extra ``test``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.yardstick.databases import KINDS as DATABASES
from benchmarks.yardstick.databases import NAMES, opened
from benchmarks.yardstick.figures import FLOOR, OURS, Figures
from benchmarks.yardstick.folders import folder_of
from benchmarks.yardstick.group_works import GROUP_WORKS
from benchmarks.yardstick.peers import installed
from benchmarks.yardstick.publishing import publish
from benchmarks.yardstick.rounds import Plan, Slice, as_rows, measured
from benchmarks.yardstick.tables import as_text, table_of_costs, table_of_growth
from benchmarks.yardstick.targets import KINDS, WORKERS, Place, running
from benchmarks.yardstick.works import USER_WORKS, Work

WORKS = (*USER_WORKS, *GROUP_WORKS)


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the tables."""
    run(parser().parse_args(arguments))


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks compare", description=__doc__, formatter_class=form
    )
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=["sqlite"])
    parser.add_argument("--server", default="", help="URL of a server that is there already")
    parser.add_argument("--people", nargs="+", type=int, default=[1000])
    parser.add_argument("--works", nargs="+", choices=[work.name for work in WORKS])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.7, help="of each slice")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument(
        "--peers", action="store_true", help="measure other packages as well, at the smallest size"
    )
    parser.add_argument(
        "--without-indexes", action="store_true", help="ours without scim_index_users"
    )
    parser.add_argument("--folder", type=Path, help="keeps what was filled for the next run")
    parser.add_argument("--write", type=Path, help="writes tables and pictures into this folder")
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure on each database."""
    with folder_of(arguments.folder) as folder:
        peers = installed(folder) if arguments.peers else None
        for database in arguments.database:
            compare(arguments, database, folder, peers)


def compare(arguments: argparse.Namespace, database: str, folder: Path, peers: Path | None) -> None:
    """Measure on one database."""
    names = [name for name, kind in KINDS.items() if peers or not kind.peer]
    works = [work for work in WORKS if not arguments.works or work.name in arguments.works]
    plan = Plan(works, arguments.rounds, arguments.seconds, arguments.clients)
    with opened(database, folder, arguments.server) as databases:
        place = Place(databases, folder, peers, not arguments.without_indexes)
        with running(place, names, sorted(arguments.people)) as targets:
            slices = measured(plan, targets, _tell)
        counted = databases.counts
    figures = Figures(slices, works)
    title = headline(database, counted=counted, indexes=not arguments.without_indexes)
    show(figures, title)
    kept = folder / f"results-{database}.json"
    kept.write_text(json.dumps(as_rows(slices)))
    if arguments.write:
        name = f"{database}-without-indexes" if arguments.without_indexes else database
        about = f"{plan.rounds} rounds of {plan.seconds:g} seconds for each work and target"
        clients = f"{plan.clients} clients, {WORKERS} workers"
        publish(figures, name, title, f"{about}, {clients}", arguments.write)


def headline(database: str, *, counted: bool, indexes: bool) -> str:
    """Return what the figures are of."""
    parts = "application and database" if counted else "application alone, of a server named by URL"
    without = "" if indexes else ", without scim_index_users"
    return f"{NAMES[database]}: CPU of {parts}, multiples of the floor{without}"


def show(figures: Figures, title: str) -> None:
    """Print the tables."""
    for size in figures.sizes:
        print(as_text(f"\n{title}, {size:,} people", *table_of_costs(figures, size)))
        for line in (*figures.problems(size), *figures.behind(size)):
            print(line)
    if len(figures.sizes) > 1:
        for target in (OURS, FLOOR):
            head = f"\n{target}: growth from {figures.sizes[0]:,} people on"
            print(as_text(head, *table_of_growth(figures, target)))
    for line in figures.refused():
        print(line)


def _tell(work: Work, slices: list[Slice]) -> None:
    figures = Figures(slices, [work])
    shown = [
        f"{target} {found.middle:.2f}"
        for target in figures.targets
        if (found := figures.to_floor(work.name, target, figures.sizes[0]))
    ]
    print(f"measured: {work.name}: {', '.join(shown)}", file=sys.stderr, flush=True)
