"""Measures what requests cost, as ratios inside one run.

    python benchmarks/run.py [--database URL] [--users 1000 100000] [--seconds 2]

Starts the example project under gunicorn with 2 workers for each number of users and, in turn, asks
SCIM, the plain floor and the floor through a bare DRF view for the same work. The cost is the CPU
time of the workers (user and system) for each request, so that neither the client nor the database
server counts; only ratios are results. ``--database`` names a database on a PostgreSQL server,
beside which one for each size is made and dropped. Needs Linux (``/proc``) and the extra ``test``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from benchmarks.measuring import measure  # noqa: E402 - the path is set above


def main() -> None:
    """Parse the command line, run, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", help="URL of a PostgreSQL database; SQLite files by default")
    parser.add_argument("--users", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds for each figure")
    arguments = parser.parse_args()
    os.environ.setdefault("SECRET_KEY", "benchmarks")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    with databases(arguments.database, sorted(arguments.users)) as urls:
        measure(urls, arguments.seconds)


@contextmanager
def databases(url: str | None, sizes: list[int]) -> Iterator[dict[int, str]]:
    """Yield the URL of an empty database for each size; they are gone at the end."""
    if url is None:
        with tempfile.TemporaryDirectory() as folder:
            yield {size: f"sqlite:///{folder}/{size}.sqlite3" for size in sizes}
        return
    names = {size: f"scim_bench_{os.getpid()}_{size}" for size in sizes}
    with psycopg.connect(url, autocommit=True) as server:
        for name in names.values():
            server.execute(f"CREATE DATABASE {name}")
        try:
            yield {size: f"{url.rpartition('/')[0]}/{name}" for size, name in names.items()}
        finally:
            for name in names.values():
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    main()
