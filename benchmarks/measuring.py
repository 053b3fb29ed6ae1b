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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from benchmarks.floor import CONNECTION, PAGE  # noqa: E402 - models need the set-up above
from benchmarks.load import load  # noqa: E402
from benchmarks.work import Request, Work, works  # noqa: E402
from django_scim_provider.services.tokens import generate_scim_token  # noqa: E402

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
def server() -> Iterator[Server]:
    """Start gunicorn and stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--log-level", "error"]
    root = Path(__file__).resolve().parent.parent
    path = os.pathsep.join([str(root), str(root / "example_project")])
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "example.wsgi:application"],
        env={**os.environ, "PYTHONPATH": path},
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


def cost(running: Server, client: Client, make: Callable[[], Request], seconds: float) -> float:
    """Return the CPU seconds of one request, from as many as ``seconds`` of CPU allow."""
    before, sent = running.cpu(), 0
    while (used := running.cpu() - before) < seconds:
        for _ in range(20):
            client.send(make())
        sent += 20
    return used / sent


def measure(sizes: list[int], seconds: float) -> None:
    """Measure each size and print ratios against the floors, then the growth."""
    call_command("migrate", verbosity=0)
    token = generate_scim_token(CONNECTION)[1]
    costs: dict[tuple[str, int], float] = {}
    for size in sizes:
        print(f"\n{size:,} users, {WORKERS} workers, page of {PAGE}", flush=True)
        load(CONNECTION, size)
        with server() as running:
            client = Client(running.port, token)
            _show_size(running, client, works(client.send, size), size, seconds, costs)
    if len(sizes) > 1:
        _show_growth(sizes, costs)


def _show_size(
    running: Server,
    client: Client,
    to_do: list[Work],
    size: int,
    seconds: float,
    costs: dict[tuple[str, int], float],
) -> None:
    print(
        f"{'work':28}{'to floor-drf':>14}{'target':>9}{'to floor':>12}{'spread':>16}{'ms CPU':>9}"
    )
    for work in to_do:
        rounds: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):
            share = seconds / ROUNDS
            scim, drf, floor = (
                cost(running, client, make, share) for make in (work.scim, work.drf, work.floor)
            )
            rounds.append((scim, drf, floor))
        to_drf = [scim / drf for scim, drf, _ in rounds]
        to_floor = statistics.median(scim / floor for scim, _, floor in rounds)
        costs[work.name, size] = statistics.median(scim for scim, _, _ in rounds)
        spread = f"{min(to_drf):.2f} to {max(to_drf):.2f}"
        ratio = statistics.median(to_drf)
        verdict = "" if ratio <= work.target else "  over"
        print(
            f"{work.name:28}{ratio:14.2f}{work.target:9.1f}{to_floor:12.2f}{spread:>16}"
            f"{costs[work.name, size] * 1000:9.2f}{verdict}",
            flush=True,
        )


def _show_growth(sizes: list[int], costs: dict[tuple[str, int], float]) -> None:
    small, large = sizes[0], sizes[-1]
    print(
        f"\ngrowth from {small:,} to {large:,} users (CPU of one request, target 1.2 where indexed)"
    )
    for name in dict.fromkeys(name for name, _ in costs):
        print(f"{name:28}{costs[name, large] / costs[name, small]:14.2f}")
