"""Doing things at the same time, in threads and processes, on the test database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from django.db import connection, connections

ROOT = Path(__file__).resolve().parent.parent
Result = TypeVar("Result")

_BEGIN = """
import sys
import django
django.setup()
print("ready", flush=True)
sys.stdin.readline()
"""


def in_parallel(times: int, work: Callable[[int], Result]) -> list[Result]:
    """Call ``work`` with 0, 1, ... in as many threads, starting together."""
    barrier = Barrier(times)

    def run(number: int) -> Result:
        barrier.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def in_processes(script: str, arguments: Sequence[Sequence[str]]) -> list[str]:
    """Run a script with each of the arguments in a process of its own, all starting together.

    Django is set up, and ``sys`` imported. Returns what each prints.
    """
    command = [sys.executable, "-c", _BEGIN + script]
    with ExitStack() as running:
        started = [
            running.enter_context(
                subprocess.Popen(
                    [*command, *each],
                    cwd=ROOT,
                    env=environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for each in arguments
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return [process.communicate()[0].strip() for process in started]


def kill_half_way(script: str, *arguments: str) -> None:
    """Run a script, and kill it as soon as it says ``half`` and waits to be killed.

    So nothing depends on how soon somebody looks.
    """
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "half\n"
        finally:
            process.kill()


def environment() -> dict[str, str]:
    """Return the environment of a process that works on the test connection."""
    found = connection.settings_dict
    if connection.vendor == "mongodb":
        where = {"SCIM_PROVIDER_MONGODB_URL": found["HOST"]}
        return {**os.environ, **where, "SCIM_TEST_MONGODB_NAME": found["NAME"]}
    name, host, port = found["NAME"], found["HOST"], found["PORT"]
    scheme = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    login = ":".join(part for part in (found["USER"], found["PASSWORD"]) if part)
    url = f"sqlite:///{name}" if scheme == "sqlite" else f"{scheme}://{login}@{host}:{port}/{name}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}


_WAITING = {
    "postgresql": """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """,
    "mysql": """
        SELECT count(*) FROM information_schema.INNODB_TRX t
        JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
        WHERE t.trx_state = 'LOCK WAIT' AND p.DB = DATABASE()
    """,
}


def until_waiting(count: int) -> None:
    """Return once so many transactions wait for a lock, while the caller's own holds it."""
    for _ in range(200):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # what was seen is kept in a transaction
                cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(_WAITING[connection.vendor])
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.15)  # InnoDB shows the same for as long as it is asked each tenth of a second
    raise AssertionError(f"{count} transactions were to wait for a lock")
