"""Counts what each kind of request asks of a database: of MongoDB, beside two that speak SQL.

On MongoDB these are the commands to the server and the documents that come back, on PostgreSQL and
on the portable way over SQLite the statements, all with the beginnings and ends of transactions.
Beside them stands the CPU time of the application, as a multiple of PostgreSQL's in the same run
(SQLite works inside of the application, and its share is counted with it), and what becomes of
eight clients that change one user at the same time.

Without ``SCIM_PROVIDER_MONGODB_URL`` it starts the server of the tests, which speaks MongoDB's wire
protocol: how many commands there are it shows, how long a MongoDB takes for them it does not. Needs
the extra ``test-mongodb`` and ``psycopg``. The databases are called ``test_scim_round_trips``, and
are deleted in the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import ROOT

NAME = "scim_round_trips"
SETTINGS = {
    "postgresql": "tests.plain_settings",
    "portable": "tests.plain_settings",
    "mongodb": "tests.mongodb.settings",
}
Found = Mapping[str, Any]


def main(arguments: Sequence[str]) -> None:
    """Measure each database in a process of its own, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks round-trips", description=__doc__)
    parser.add_argument("--people", type=int, default=1000, help="users of the connection")
    parser.add_argument("--members", type=int, default=10_000, help="of the organization")
    parser.add_argument("--times", type=int, default=20, help="requests of which CPU is measured")
    parser.add_argument(
        "--postgresql", default=f"postgres://postgres@127.0.0.1:5432/{NAME}", metavar="URL"
    )
    options = parser.parse_args(arguments)
    sizes = [str(options.people), str(options.members), str(options.times)]
    found = {kind: _measured(kind, options.postgresql, sizes) for kind in SETTINGS}
    print("\n".join(table(found)))
    print("\n".join(contention(found)))


def _measured(kind: str, postgresql: str, sizes: Sequence[str]) -> Found:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": SETTINGS[kind],
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        "SCIM_TEST_MONGODB_NAME": NAME,
    }
    environment.pop("DATABASE_URL", None)
    if kind == "postgresql":
        environment["DATABASE_URL"] = postgresql
    command = [sys.executable, "-m", "benchmarks.counted_requests", kind, *sizes]
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def table(found: Mapping[str, Found]) -> list[str]:
    """Return the lines of a table that Sphinx reads."""
    sql, portable, mongodb = (found[kind]["works"] for kind in SETTINGS)
    rows = [
        (
            "",
            "PostgreSQL: statements",
            "portable, SQLite: statements",
            "MongoDB: commands",
            "documents that come",
            "largest key list",
            "CPU, SQLite",
            "CPU, MongoDB",
        )
    ]
    for name, own in sql.items():
        here, there = portable[name], mongodb[name]
        rows.append(
            (
                name,
                f"{own['sent']}",
                f"{here['sent']}",
                f"{there['sent']}",
                f"{there['documents']}",
                f"{there['keys']}",
                f"{here['cpu'] / own['cpu']:.1f}",
                f"{there['cpu'] / own['cpu']:.1f}",
            )
        )
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'*' if not place else ' '} - {text}" for place, text in enumerate(row)]
    return [line.rstrip() for line in lines]


def contention(found: Mapping[str, Found]) -> list[str]:
    """Return a line for each database about the writers of one row."""
    return [
        f"{kind}: {told['answers']} answers, {told['tries']} transactions, the most of one request "
        f"{told['most']}"
        for kind in SETTINGS
        for told in [found[kind]["contention"]]
    ]
