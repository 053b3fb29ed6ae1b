"""Measures what requests cost, as ratios inside one run.

    python benchmarks/run.py [--database URL] [--users 1000 100000] [--seconds 2]

Starts the example project under gunicorn with 2 workers and, in turn, asks SCIM, the plain floor and
the floor through a bare DRF view for the same work. The cost is the CPU time of the workers (user and
system) for each request, so that neither the client nor a busy machine counts; only ratios are shown
as results. Needs Linux (``/proc``) and the extra ``test``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "example_project")]


def main() -> None:
    """Parse the command line, run, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", help="URL of an empty database; a SQLite file by default")
    parser.add_argument("--users", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds for each figure")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = arguments.database or f"sqlite:///{folder}/bench.sqlite3"
        os.environ.setdefault("SECRET_KEY", "benchmarks")
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
        from benchmarks.measuring import measure  # Django's settings are only known now

        measure(sorted(arguments.users), arguments.seconds)


if __name__ == "__main__":
    main()
