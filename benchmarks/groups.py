"""What changes of members and reads without them cost, by the size of the group.

The sizes are measured in turn, so that the growth is a ratio inside one run. Beside the CPU time of
the workers, which has SQLite in it, the time that the client waits is taken, which has the database
server in it as well.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from benchmarks.work import BEHIND, GROUP, GROUPS, PATCH, Make, Request

BATCH = 20
"""Requests that are measured together; as many members come and go."""
ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one request: of the workers' CPU, and until the client has the answer."""

    cpu: float
    waited: float


@dataclass(frozen=True, slots=True)
class Part:
    """What is measured, and what is sent afterwards to undo it, unmeasured."""

    name: str
    make: Make
    undo: Make | None = None


def show_groups(
    send: Callable[[Request], bytes], cpu: Callable[[], float], users: int, seconds: float
) -> None:
    """Measure and print a table; ``cpu`` returns what the workers have used.

    The members are none of the users whom other work is about. Sizes that there are too few users
    for are left out.
    """
    sizes = [size for size in GROUPS if BEHIND + size + BATCH <= users]
    if not sizes:
        return
    ids = _ids(send, sizes[-1] + BATCH)
    table = [_parts(send, ids[:size], ids[size : size + BATCH]) for size in sizes]
    print("\nby size of the group, ms of a request (target 1.2 times the smallest)")
    print(f"{'work':24}{'':8}{''.join(f'{size:>10,}' for size in sizes)}{'growth':>10}")
    for parts in zip(*table, strict=True):
        rounds = [
            [_cost(send, cpu, part, seconds / ROUNDS) for part in parts] for _ in range(ROUNDS)
        ]
        _show(parts[0].name, "CPU", [[cost.cpu for cost in costs] for costs in rounds])
        _show(parts[0].name, "waited", [[cost.waited for cost in costs] for costs in rounds])


def _show(name: str, kind: str, rounds: list[list[float]]) -> None:
    middle = [statistics.median(column) * 1000 for column in zip(*rounds, strict=True)]
    growth = statistics.median(costs[-1] / costs[0] for costs in rounds)
    print(f"{name:24}{kind:8}{''.join(f'{each:10.2f}' for each in middle)}{growth:10.2f}")


def _cost(
    send: Callable[[Request], bytes], cpu: Callable[[], float], part: Part, seconds: float
) -> Cost:
    """Return the cost of one request, from as many batches as ``seconds`` of CPU allow."""
    used, waits = 0.0, []
    while used < seconds:
        before = cpu()
        for _ in range(BATCH):
            began = time.perf_counter()
            send(part.make())
            waits.append(time.perf_counter() - began)
        used += cpu() - before
        for _ in range(BATCH if part.undo else 0):
            send(part.undo())  # type: ignore[misc]  # asked for in the line above
    return Cost(used / len(waits), statistics.median(waits))


def _ids(send: Callable[[Request], bytes], number: int) -> list[str]:
    ids: list[str] = []
    while len(ids) < number:
        path = f"/scim/v2/Users?count=1000&startIndex={BEHIND + len(ids) + 1}&attributes=id"
        ids += [user["id"] for user in orjson.loads(send(Request(path)))["Resources"]]
    return ids[:number]


def _parts(send: Callable[[Request], bytes], members: list[str], others: list[str]) -> list[Part]:
    """Make a group and return what is measured on it."""
    body = {
        "schemas": [GROUP],
        "displayName": f"{len(members)} of a table",
        "members": [{"value": id} for id in members],
    }
    made = orjson.loads(send(Request("/scim/v2/Groups", "POST", orjson.dumps(body))))
    path = f"/scim/v2/Groups/{made['id']}"

    def change(op: str, ids: list[str]) -> Make:
        names = itertools.cycle(ids)

        def make() -> Request:
            id = next(names)
            operation = {"op": "add", "path": "members", "value": [{"value": id}]}
            if op == "remove":
                operation = {"op": "remove", "path": f'members[value eq "{id}"]'}
            sent = orjson.dumps({"schemas": [PATCH], "Operations": [operation]})
            return Request(path, "PATCH", sent)

        return make

    few = members[:BATCH]
    return [
        Part("add one", change("add", others), change("remove", others)),
        Part("remove one", change("remove", few), change("add", few)),
        Part("read without members", lambda: Request(f"{path}?excludedAttributes=members")),
    ]
