"""Watches an import: the CPU time of each process, and what the database's sessions wait for."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.yardstick.databases import Databases
from benchmarks.yardstick.processes import PROCESSES, cpu_seconds, tree

EVERY = 0.2
"""Seconds between two looks, which take milliseconds: they must not be what is measured."""
SESSIONS = (
    "SELECT CASE WHEN wait_event = 'ClientRead' OR state <> 'active' THEN 'outside'"
    " WHEN wait_event IS NULL THEN 'works'"
    " ELSE wait_event_type || ': ' || wait_event END"
    " FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
WORKS, OUTSIDE = "works", "outside"
ENDED = "ended"
"""What is said of a process that no look has found alive."""


@dataclass
class Seen:
    """What was seen while it was watched."""

    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """CPU seconds by kind of process."""
    sessions: Counter[str] = field(default_factory=Counter)
    """Looks at a session of the database, by what it did: ``works``, ``outside`` of a statement, or
    what it waited for."""

    def share(self, *kinds: str) -> float:
        """Return how much of their time the sessions spent so."""
        total = sum(self.sessions.values())
        return sum(self.sessions[kind] for kind in kinds) / total if total else 0.0

    def waits(self) -> list[tuple[str, float]]:
        """Return what sessions waited for, the longest first."""
        found = [
            (kind, self.share(kind))
            for kind, _ in self.sessions.most_common()
            if kind not in (WORKS, OUTSIDE)
        ]
        return [(kind, share) for kind, share in found if share >= 0.001]


@contextmanager
def watched(databases: Databases, name: str, application: Sequence[int]) -> Iterator[Seen]:
    """Watch while the block runs; what was seen is complete at its end."""
    seen, stop = Seen(), threading.Event()
    thread = threading.Thread(target=_watch, args=(databases, name, application, seen, stop))
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _watch(
    databases: Databases,
    name: str,
    application: Sequence[int],
    seen: Seen,
    stop: threading.Event,
) -> None:
    roots = [*application, *databases.processes]
    begun = {pid: cpu_of(pid) for root in roots for pid in tree(root)}
    latest: dict[int, tuple[str, float]] = {}
    with _sessions(databases) as (session, own):
        ended = False
        while not ended:
            ended = stop.wait(EVERY)  # what a short import cost is seen by the look at its end
            for root in roots:
                for pid in tree(root):
                    if pid != own:
                        before = latest.get(pid, (ENDED, 0.0))[0]
                        latest[pid] = (kind_of(pid, application, before), cpu_of(pid))
            if session is not None:
                seen.sessions.update(row[0] for row in session.execute(SESSIONS, [name]))
    for pid, (kind, seconds) in latest.items():
        seen.cpu[kind] += seconds - begun.get(pid, 0.0)


@contextmanager
def _sessions(databases: Databases) -> Iterator[tuple[Any, int]]:
    """Yield a session of PostgreSQL and its process; other databases do not say what they do."""
    if databases.kind != "postgresql":
        yield None, 0
        return
    import psycopg

    with psycopg.connect(databases.url("postgres"), autocommit=True) as session:
        yield session, session.info.backend_pid


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of one process."""
    return cpu_seconds([pid], below=False)


def kind_of(pid: int, application: Sequence[int], before: str = ENDED) -> str:
    """Return what a process is for, in a word or two; what it was before where it has ended.

    One that has ended has no command any more, but still its CPU time, until its parent asks.
    """
    try:
        command = Path(PROCESSES, str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return before
    if not command:
        return before
    if command.startswith("postgres: "):
        words = command.removeprefix("postgres: ").split()
        own = {"checkpointer", "walwriter", "autovacuum", "background", "logical", "stats"}
        return f"postgres {words[0]}" if words[0] in own else "postgres session"
    if "gunicorn" in command:
        return "gunicorn" if pid in application else "worker"
    return Path(command.split()[0]).name
