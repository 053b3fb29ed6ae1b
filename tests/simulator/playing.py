"""Runs of the simulator, and stand-ins for the servers and clocks that they meet."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.tools.simulator.directory import Directory, invent
from django_scim_provider.tools.simulator.pacing import Pace
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.simulation import Run
from django_scim_provider.tools.simulator.traffic import Exchange, Reply, Request, Transport
from django_scim_provider.tools.simulator.wire import connected
from tests.live import LiveSCIM
from tests.scim_client import SCIMTestClient

TOKEN = "TopSecretToken0123456789"


@dataclass
class Time:
    """A clock that only sleep moves."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, rate: float | None = None) -> Pace:
        return Pace(rate=rate, clock=self.clock, sleep=self.sleep, wall=self.clock)


def invented(**changes: Any) -> Directory:
    """Return a small company."""
    wanted = {"run": "r1", "seed": 7, "users": 12, "groups": 3, "deactivate": 45}
    return invent(**{**wanted, **changes})


def start(name: str, transport: Transport, *, cleanup: bool = False, **changes: Any) -> Run:
    """Return a run that has not begun; times that it would wait pass at once."""
    provider = PROVIDERS[name]
    token = changes.pop("token", TOKEN)
    exchange = Exchange(
        transport=transport, token=token, headers=provider.headers, pace=Time().pace()
    )
    session = Session(directory=invented(**changes), exchange=exchange)
    return Run(provider=provider, session=session, announce=lambda *told: None, cleanup=cleanup)


def play(name: str, scim: LiveSCIM, **changes: Any) -> Run:
    """Play a provider against a running server."""
    with connected(scim.url) as transport:
        run = start(name, transport, token=scim.token, **changes)
        run.play()
    return run


def wrongs(run: Run) -> list[str]:
    """Return what went wrong, in words."""
    return [f"{one.method} {one.path}: {one.wrong}" for one in run.session.exchange.failures]


def in_process(client: SCIMTestClient) -> Transport:
    """Return a transport to the app that needs no socket."""

    def send(method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        answer = client.request(
            method,
            path,
            content or b"",
            CONTENT_TYPE=headers["Content-Type"],
            HTTP_ACCEPT=headers["Accept"],
            HTTP_AUTHORIZATION=headers["Authorization"],
        )
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, found, answer.text.encode())

    return send


def bent(transport: Transport, bend: Callable[[str, str], Reply | None]) -> Transport:
    """Return a transport that answers what ``bend`` does instead of the server."""

    def send(method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        own = bend(method, path)
        return transport(method, path, headers, content) if own is None else own

    return send


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    """Return an answer; names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, b"" if body is None else json.dumps(body).encode())


def answering(*replies: Reply) -> Transport:
    """Return a server that gives these answers, the last one again and again."""
    left = list(replies)

    def send(method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return send


def request(operation: str = "Ask", **changes: Any) -> Request:
    """Return a request for a user."""
    wanted = {"operation": operation, "method": "GET", "path": "/Users/1", "expect": (200,)}
    return Request(**{**wanted, **changes})
