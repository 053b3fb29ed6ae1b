"""Measures what a worker has in memory after so many requests of all kinds.

One worker of gunicorn with threads serves this app in a project that has nothing else. What is told
is its resident memory: after the first, and each time that a number of requests was answered. Needs
Linux (``/proc``) and the extra ``test``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.yardstick.databases import KINDS as DATABASES
from benchmarks.yardstick.databases import opened
from benchmarks.yardstick.folders import folder_of
from benchmarks.yardstick.lives import Lives
from benchmarks.yardstick.processes import resident_bytes
from benchmarks.yardstick.targets import Place, running

MEBIBYTE = 1024 * 1024
SQLITE_CACHE = 2000
"""KiB of a connection, which is SQLite's default: what the other measurements give it to be fast is
the project's to spend."""


def main(arguments: Sequence[str]) -> None:
    """Measure, and print a line for each number of requests."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks memory", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=["sqlite"])
    parser.add_argument("--server", default="", help="URL of a server that is there already")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--requests", nargs="+", type=int, default=[5000, 50_000])
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--folder", type=Path, help="keeps what was filled for the next run")
    wanted = parser.parse_args(arguments)
    os.environ.setdefault("BENCHMARK_SQLITE_CACHE", str(SQLITE_CACHE))
    with folder_of(wanted.folder) as folder:
        for database in wanted.database:
            measure(wanted, database, folder)


def measure(wanted: argparse.Namespace, database: str, folder: Path) -> None:
    """Measure on one database."""
    options = ("--workers", "1", "--worker-class", "gthread", "--threads", str(wanted.threads))
    with (
        opened(database, folder, wanted.server) as databases,
        running(Place(databases, folder, options=options), ["ours"], [wanted.people]) as (target,),
    ):
        target.door.ask("GET", "/ServiceProviderConfig")  # it imports what it needs for the first
        tell(database, 1, resident_bytes(target.application))
        lives = Lives(target, clients=2 * wanted.threads)
        for number in sorted(wanted.requests):
            lives.lead(number)
            tell(database, lives.requests, resident_bytes(target.application))


def tell(database: str, requests: int, held: int) -> None:
    """Print what the worker holds."""
    print(f"{database}: {requests:>7,} requests: {held / MEBIBYTE:6.1f} MiB", flush=True)
