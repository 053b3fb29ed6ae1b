"""The projects that are measured, each under gunicorn on a database of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.yardstick.databases import Databases, free_port, wait_for
from benchmarks.yardstick.processes import cpu_seconds
from benchmarks.yardstick.wire import Door

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 2
GROUP_SIZES = (0, 100, 1000, 10_000)
ROWS = 1
"""Changes with what ``benchmarks.seed`` stores: databases that are kept are filled anew."""


@dataclass(frozen=True)
class Kind:
    """A column of the tables."""

    name: str
    project: str
    """Which settings."""
    prefix: str
    peer: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("floor", "floor", "/plain"),
        Kind("floor-drf", "floor", "/drf"),
        Kind("ours", "ours", "/scim/v2"),
        Kind("django-scim2", "django-scim2", "/scim/v2", peer=True),
        Kind("django-scim2-server", "django-scim2-server", "/scim/v2", peer=True),
    )
}


@dataclass
class Target:
    """A running project, filled with people and groups."""

    name: str
    size: int
    door: Door
    people: list[str]
    """Ids, in the order of their numbers."""
    groups: dict[int, str]
    """Ids by size."""
    application: Sequence[int]
    database: Sequence[int]
    made: list[str] = field(default_factory=list)
    """Ids of people who were made by a measurement, and may be deleted by another."""
    deep: list[str] = field(default_factory=list)
    """Cursors from the middle and the end of the people, once somebody has asked for them."""
    cursors_behind: Callable[[int, Sequence[int]], list[str]] = lambda count, read: []
    """Returns the cursors, for pages of ``count``, of who has read so many people; see
    ``projects.deep_cursors``."""
    enterprise: bool = True
    """Whether it takes the enterprise extension, which not all of them do."""
    reached: dict[int, int] = field(default_factory=dict)
    """By size of a group, the number of the person who is added next; common to all targets of one
    database."""

    def cpu(self) -> tuple[float, float]:
        """Return the CPU seconds of the application and of the database so far."""
        return cpu_seconds(self.application), cpu_seconds(self.database)


@dataclass(frozen=True)
class Place:
    """What is common to the targets of a run."""

    databases: Databases
    folder: Path
    peers: Path | None = None
    """The Python that has the other packages."""
    indexes: bool = True
    options: Sequence[str] = ("--workers", str(WORKERS))
    """What gunicorn is told of its workers."""


@contextmanager
def running(place: Place, names: Sequence[str], sizes: Sequence[int]) -> Iterator[list[Target]]:
    """Fill and start the targets of each size, in their order; stop them at the end.

    Other packages are started at the smallest size alone: their pages read everybody, so that one
    of a million people takes minutes.
    """
    reached: dict[str, dict[int, int]] = {}
    with ExitStack() as stack:
        targets = []
        for kind, size in ((KINDS[name], size) for size in sizes for name in names):
            if kind.peer and size > min(sizes):
                continue
            target = stack.enter_context(_served(place, kind, size))
            database = database_name(place, kind, size)
            targets.append(replace(target, reached=reached.setdefault(database, {})))
        yield targets


@contextmanager
def _served(place: Place, kind: Kind, size: int) -> Iterator[Target]:
    state = filled(place, kind, size)
    with gunicorn(place, kind, database_name(place, kind, size)) as (port, process):
        yield Target(
            kind.name,
            size,
            Door(port, kind.prefix, state["token"]),
            state["people"],
            {int(number): id for number, id in state["groups"].items()},
            [process],
            place.databases.processes,
            cursors_behind=partial(_cursors_behind, place, kind, database_name(place, kind, size)),
        )


def _cursors_behind(
    place: Place, kind: Kind, database: str, count: int, read: Sequence[int]
) -> list[str]:
    command = [_python(place, kind), "-m", "benchmarks.projects.deep_cursors", str(count)]
    done = subprocess.run(
        [*command, *map(str, read)],
        env=_environment(place, kind, database),
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    found: list[str] = json.loads(done.stdout)
    return found


@contextmanager
def gunicorn(place: Place, kind: Kind, database: str) -> Iterator[tuple[int, int]]:
    """Serve a project from a database; yields the port and the process above the workers."""
    port, log = free_port(), place.folder / f"{kind.project}.log"
    command = [_python(place, kind), "-m", "gunicorn", *place.options]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket"]
    environment = _environment(place, kind, database)
    with log.open("a") as output:
        server = subprocess.Popen(
            [*command, "benchmarks.projects.wsgi"],
            env=environment,
            stdout=output,
            stderr=output,
            cwd=ROOT,
        )
    try:
        wait_for(port, server, log)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def database_name(place: Place, kind: Kind, size: int) -> str:
    """Return the name of a database; one without indexes is another one."""
    plain = "" if place.indexes else "_plain"
    return f"benchmark_{kind.project.replace('-', '_')}_{size}{plain}"


def filled(place: Place, kind: Kind, size: int) -> dict[str, Any]:
    """Return what a database was filled with; fills it where it is not, or was for other code."""
    name = database_name(place, kind, size)
    kept, file = _fingerprint(kind), place.folder / f"{place.databases.kind}-{name}.json"
    if file.exists():
        state: dict[str, Any] = json.loads(file.read_text())
        if state.get("code") == kept:
            return state
    print(f"filling: {kind.project}, {place.databases.kind}, {size:,}", file=sys.stderr, flush=True)
    sizes = [number for number in GROUP_SIZES if number <= size]
    state = {**_fill(place, kind, name, file, size, sizes), "code": kept}
    file.write_text(json.dumps(state))
    return state


def emptied(place: Place, kind: Kind, name: str) -> dict[str, Any]:
    """Make a database without people and groups; return what it was filled with: a token."""
    return _fill(place, kind, name, place.folder / f"{place.databases.kind}-{name}.json", 0, [])


def _fill(
    place: Place, kind: Kind, name: str, file: Path, size: int, sizes: Sequence[int]
) -> dict[str, Any]:
    place.databases.make(name)
    command = [_python(place, kind), "-m", "benchmarks.projects.filling", str(size), str(file)]
    command += [*map(str, sizes), *([] if place.indexes else ["--without-indexes"])]
    subprocess.run(command, env=_environment(place, kind, name), check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _fingerprint(kind: Kind) -> str:
    """Return what tells the code apart that decides how tables are filled.

    How ours are filled may change without a new filling as long as ``ROWS`` stays.
    """
    folders = [ROOT / "benchmarks" / "projects" / kind.project.replace("-", "_")]
    files, rows = [ROOT / "benchmarks" / "people.py"], b""
    if kind.project == "ours":
        folders.append(ROOT / "django_scim_provider" / "migrations")
        rows = str(ROWS).encode()
    files += [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    return hashlib.sha256(b"".join([*(file.read_bytes() for file in files), rows])).hexdigest()


def _environment(place: Place, kind: Kind, database: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "benchmarks.projects.settings",
        "BENCHMARK_PROJECT": kind.project,
        "DATABASE_URL": place.databases.url(database),
    }


def _python(place: Place, kind: Kind) -> str:
    return str(place.peers) if kind.peer and place.peers else sys.executable
