"""Measures how fast a directory comes in for the first time, and where the time goes.

Makes people and groups through the API, on an empty database for each way: by single requests of
1, 4 and 16 clients, and by Bulk. Shows how many people come in each second, the CPU time that each
of them costs in the workers and in the database, and what the database's sessions did meanwhile:
worked, waited, or were outside of a statement. Needs Linux (``/proc``) and the extra ``test``.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.people import BULK, GROUP, whole_person
from benchmarks.yardstick.databases import KINDS as DATABASES
from benchmarks.yardstick.databases import NAMES, opened
from benchmarks.yardstick.folders import folder_of
from benchmarks.yardstick.importing import Import, Way, publish, show
from benchmarks.yardstick.targets import KINDS, WORKERS, Place, emptied, gunicorn
from benchmarks.yardstick.watching import watched
from benchmarks.yardstick.wire import Door, Drive, drive

OURS = KINDS["ours"]
WARM = 20
"""Requests before the first that counts, a quarter as many by Bulk."""
EVERY = 10.0
"""Seconds between two lines of progress."""
REFUSED = b"refused: "
_LOCATION = re.compile(rb'"location":"[^"]*/([^"/]+)"')


@dataclass(frozen=True)
class Size:
    """How much comes in."""

    people: int
    groups: int


def main(arguments: Sequence[str]) -> None:
    """Parse the command line, import in each way, and print the tables."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks import", description=__doc__, formatter_class=form
    )
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--server", default="", help="URL of a server that is there already")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--bulk-clients", type=int, nargs="*", default=[1, 4])
    parser.add_argument("--operations", type=int, default=100, help="of one Bulk request")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", type=Path, help="writes the table and pictures into this folder")
    found = parser.parse_args(arguments)
    ways = [Way(clients) for clients in found.clients]
    ways += [Way(clients, found.operations) for clients in found.bulk_clients]
    size = Size(found.people, found.groups)
    with folder_of(found.folder) as folder, opened(found.database, folder, found.server) as server:
        place = Place(server, folder)
        imports = []
        for way in ways:
            imports.append(imported(place, way, size))
            show(imports[-1:], f"so far: {way.label}")  # a long run may not come to its end
    title = (
        f"{NAMES[found.database]}, {size.people:,} people, {size.groups} groups, {WORKERS} workers"
    )
    show(imports, title)
    if found.write:
        publish(imports, title, f"import-{found.database}", found.write)


def imported(place: Place, way: Way, size: Size) -> Import:
    """Import people, then groups of all of them, into an empty database."""
    name = "benchmark_import"
    token = emptied(place, OURS, name)["token"]
    tell(f"importing: {way.label}")
    with gunicorn(place, OURS, name) as (port, process):
        door = Door(port, OURS.prefix, token)
        # Each worker imports and compiles at its first requests, which an import of thousands does
        # not notice, and a short one would take for the price of a person.
        warm = range(size.people, size.people + WARM * max(1, way.operations // 4))
        _sent(door, way, "/Users", map(whole_person, warm))
        with watched(place.databases, name, [process]) as seen:
            people = told(map(whole_person, range(size.people)), size.people, "people")
            made = _sent(door, way, "/Users", people)
        ids = _ids(made)
        with watched(place.databases, name, [process]) as at_groups:
            groups = told(_groups(ids, size.groups), size.groups, "groups")
            grouped = _sent(door, way, "/Groups", groups, at_once=10)
        _ids(grouped)
    return Import(way, size.people, made, seen, size.groups, grouped, at_groups)


def told(resources: Iterator[Any], total: int, what: str) -> Iterator[Any]:
    """Yield them, and tell now and then how many were sent."""
    begun = last = time.monotonic()
    for number, resource in enumerate(resources):
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            tell(f"  {number:,} of {total:,} {what}, {number / (now - begun):.0f} a second")
        yield resource


def tell(line: str) -> None:
    """Print a line for who waits."""
    print(line, file=sys.stderr, flush=True)


def _sent(
    door: Door, way: Way, path: str, resources: Iterator[Any], at_once: int | None = None
) -> Drive:
    """Create resources one by one, or as many by Bulk as the way says; keep their ids."""
    if not way.operations:
        single = (door.message("POST", path, resource) for resource in resources)
        return drive(door, single, (201,), clients=way.clients, keep=True, kept=_id_of)
    several = _bulk(door, path, resources, at_once or way.operations)
    return drive(door, several, (200,), clients=way.clients, keep=True, kept=_ids_of)


def _bulk(door: Door, path: str, resources: Iterator[Any], at_once: int) -> Iterator[bytes]:
    operations: list[dict[str, Any]] = []

    def message() -> bytes:
        return door.message("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})

    for number, resource in enumerate(resources):
        one = {"method": "POST", "path": path, "bulkId": str(number), "data": resource}
        operations.append(one)
        if len(operations) == at_once:
            yield message()
            operations = []
    if operations:
        yield message()


def _id_of(body: bytes) -> bytes:
    """Return the id of what was made, which the app says first; nothing else is decoded."""
    begins = b'{"id":"'
    if not body.startswith(begins):
        return str(orjson.loads(body)["id"]).encode()
    return body[len(begins) : body.index(b'"', len(begins))]


def _ids_of(body: bytes) -> bytes:
    """Return the ids that a bulk request made, or a mark and what it was answered."""
    done = body.count(b'"status":"')
    ids: list[bytes] = _LOCATION.findall(body)
    if body.count(b'"status":"201"') != done or len(ids) != done:
        return REFUSED + body
    return b" ".join(ids)


def _ids(made: Drive) -> list[str]:
    """Return the ids of what was made; ends the run where anything was refused."""
    made.refused += [body[:400].decode() for body in made.bodies if body.startswith(REFUSED)]
    if made.refused:
        raise SystemExit(f"{len(made.refused)} were refused, as {made.refused[0]}")
    return [id.decode() for ids in made.bodies for id in ids.split()]


def _groups(ids: Sequence[str], number: int) -> Iterator[dict[str, Any]]:
    for place in range(number):
        members = [{"value": id} for id in ids[place::number]]
        name = f"Team {place}"
        yield {"schemas": [GROUP], "displayName": name, "externalId": name, "members": members}
