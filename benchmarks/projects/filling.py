"""Fills the database of a project.

    python -m benchmarks.projects.filling PEOPLE STATE [--without-indexes] SIZE ...

STATE is a JSON file that is written: the token, the ids of people, and those of groups by size. A
group of a size has the first so many people as members.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from benchmarks.projects import TOKEN


def main() -> None:
    """Migrate, fill, and write what was filled."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("people", type=int)
    parser.add_argument("state", type=Path)
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--without-indexes", action="store_true")
    arguments = parser.parse_args()
    django.setup()
    project = os.environ["BENCHMARK_PROJECT"]
    if project != "floor":
        call_command("migrate", run_syncdb=True, verbosity=0)
    name = f"benchmarks.projects.{project.replace('-', '_')}.filling"
    filled = importlib.import_module(name).fill(
        arguments.people, arguments.sizes, indexes=not arguments.without_indexes
    )
    analyze()
    arguments.state.write_text(json.dumps({"token": TOKEN, **filled}))


def analyze() -> None:
    """Let the planner know what is there."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        elif connection.vendor == "sqlite":
            cursor.execute("ANALYZE")
        else:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"ANALYZE TABLE {connection.ops.quote_name(table)}")
                cursor.fetchall()


if __name__ == "__main__":
    main()
