"""Drives the server and prints the tables."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.groups import show_groups
from benchmarks.work import CONNECTION, PAGE, Request, Work, works

WORKERS = 2
ROUNDS = 5
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    port: int
    workers: list[int]

    def cpu(self) -> float:
        """Return the CPU seconds that the workers have used."""
        total = 0
        for pid in self.workers:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK


@contextmanager
def served(size: int, url: str) -> Iterator[tuple[Server, str]]:
    """Fill a database, start gunicorn on it, and stop it at the end; yields a token as well."""
    environment = {**os.environ, "DATABASE_URL": url}
    fill = [sys.executable, "-m", "benchmarks.load", CONNECTION, str(size)]
    root = Path(__file__).resolve().parent.parent
    environment["PYTHONPATH"] = os.pathsep.join([str(root), str(root / "example_project")])
    filled = subprocess.run(fill, env=environment, check=True, capture_output=True, text=True)
    with _gunicorn(environment) as server:
        yield server, filled.stdout.strip()


@contextmanager
def _gunicorn(environment: dict[str, str]) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--log-level", "error"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "example.wsgi:application"], env=environment
    )
    try:
        yield Server(port, _workers(process.pid, port))
    finally:
        process.terminate()
        process.wait(20)


def _workers(master: int, port: int) -> list[int]:
    for _ in range(100):
        time.sleep(0.1)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    time.sleep(1)
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(pid) for pid in children]


class Client:
    """One connection that is kept open where the server allows it."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/scim+json",
            "Content-Type": "application/scim+json",
        }

    def send(self, request: Request) -> bytes:
        """Send a request; anything but success ends the run."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        wire.request(request.method, request.path, request.body, self.headers)
        answer = wire.getresponse()
        body = answer.read()
        wire.close()
        if answer.status not in (200, 201, 204):
            raise SystemExit(f"{request.method} {request.path}: {answer.status} {body[:200]!r}")
        return body


@dataclass(frozen=True)
class Costs:
    """CPU seconds of one request: of SCIM, of the floor through DRF, and of the floor."""

    scim: float
    drf: float
    floor: float


@dataclass
class Bench:
    """One size: its server, and the works on it."""

    size: int
    served: tuple[Server, str]
    works: list[Work] = field(default_factory=list)

    def prepare(self) -> None:
        """Make the works, for which the server is asked for ids."""
        self.client = Client(self.served[0].port, self.served[1])
        self.works = works(self.client.send, self.size)

    def costs(self, number: int, seconds: float) -> Costs:
        """Measure one work."""
        work = self.works[number]
        return Costs(
            *(
                cost(self.served[0], self.client, make, seconds)
                for make in (work.scim, work.drf, work.floor)
            )
        )


def cost(running: Server, client: Client, make: Callable[[], Request], seconds: float) -> float:
    """Return the CPU seconds of one request, from as many as ``seconds`` of CPU allow."""
    before, sent = running.cpu(), 0
    while (used := running.cpu() - before) < seconds:
        for _ in range(20):
            client.send(make())
        sent += 20
    return used / sent


def measure(databases: dict[int, str], seconds: float) -> None:
    """Measure all sizes in turn, so that the growth is a ratio inside the run as well.

    ``databases`` has the URL of a database for each number of users.
    """
    with ExitStack() as running:
        benches = [
            Bench(size, running.enter_context(served(size, url))) for size, url in databases.items()
        ]
        for bench in benches:
            bench.prepare()
        names = [work.name for work in benches[0].works]
        tables = [_measured(benches, number, seconds) for number in range(len(names))]
        largest = benches[-1]
        show_groups(largest.client.send, largest.served[0].cpu, largest.size, seconds)
    for place, bench in enumerate(benches):
        print(f"\n{bench.size:,} users, {WORKERS} workers, page of {PAGE}")
        print(f"{'work':28}{'to floor-drf':>14}{'target':>9}{'to floor':>12}{'spread':>16}  ms CPU")
        for work, table in zip(bench.works, tables, strict=True):
            print(_row(work, [costs[place] for costs in table]))
    if len(benches) > 1:
        _show_growth(names, tables, benches)


def _measured(benches: list[Bench], number: int, seconds: float) -> list[list[Costs]]:
    """Return the costs of one work: by round, then by size."""
    share = seconds / ROUNDS
    table = [[bench.costs(number, share) for bench in benches] for _ in range(ROUNDS)]
    print(f"measured: {benches[0].works[number].name}", file=sys.stderr, flush=True)
    return table


def _row(work: Work, costs: list[Costs]) -> str:
    to_drf = [each.scim / each.drf for each in costs]
    to_floor = statistics.median(each.scim / each.floor for each in costs)
    spread = f"{min(to_drf):.2f} to {max(to_drf):.2f}"
    ratio = statistics.median(to_drf)
    cpu = statistics.median(each.scim for each in costs) * 1000
    over = "" if ratio <= work.target else "  over"
    return (
        f"{work.name:28}{ratio:14.2f}{work.target:9.1f}{to_floor:12.2f}{spread:>16}{cpu:9.2f}{over}"
    )


def _show_growth(names: list[str], tables: list[list[list[Costs]]], benches: list[Bench]) -> None:
    small, large = benches[0].size, benches[-1].size
    print(f"\ngrowth from {small:,} to {large:,} users (CPU; target 1.2 for look-ups, cursors)")
    print(f"{'work':28}{'SCIM':>8}{'floor-drf':>12}")
    for name, table in zip(names, tables, strict=True):
        ours = statistics.median(costs[-1].scim / costs[0].scim for costs in table)
        bare = statistics.median(costs[-1].drf / costs[0].drf for costs in table)
        print(f"{name:28}{ours:8.2f}{bare:12.2f}")
