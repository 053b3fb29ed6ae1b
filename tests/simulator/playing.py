"""Runs of the simulator, and stand-ins for the servers and clocks that they meet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from django_scim_provider.tools.addresses import BaseURL, parse_base_url
from django_scim_provider.tools.http import HTTPExchange
from django_scim_provider.tools.simulator.directory import Directory, invent
from django_scim_provider.tools.simulator.pacing import Pace
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.traffic import ProviderRequest, Traffic
from tests.live import LiveSCIM
from tests.scim_client import SCIMTestClient

Network = Callable[[httpx2.Request], httpx2.Response]
"""What stands in for the network, and for the server behind it."""
ROOT = BaseURL("http://localhost/scim/v2")
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
        return Pace(rate=rate, clock=self.clock, sleep=self.sleep)


def invented(**changes: Any) -> Directory:
    """Return a small company."""
    wanted = {"run": "r1", "seed": 7, "users": 12, "groups": 3, "deactivate": 45}
    return invent(**{**wanted, **changes})


def traffic(
    network: Network | None,
    *,
    token: str = TOKEN,
    root: BaseURL = ROOT,
    headers: dict[str, str] | None = None,
    pace: Pace | None = None,
) -> Traffic:
    """Return traffic over the network or what stands in for it; waits pass at once."""
    transport = None if network is None else httpx2.MockTransport(network)
    exchange = HTTPExchange(root, token, headers=headers or {}, transport=transport)
    return Traffic(exchange=exchange, pace=pace or Time().pace())


def start(
    name: str,
    network: Network | None,
    *,
    cleanup: bool = False,
    token: str = TOKEN,
    root: BaseURL = ROOT,
    **changes: Any,
) -> Simulation:
    """Return a run that has not begun."""
    provider = PROVIDERS[name]
    sent = traffic(network, token=token, root=root, headers=dict(provider.headers))
    session = Session(directory=invented(**changes), traffic=sent)
    return Simulation(
        provider=provider, session=session, announce=lambda *told: None, cleanup=cleanup
    )


def play(name: str, scim: LiveSCIM, **changes: Any) -> Simulation:
    """Play a provider against a running server."""
    run = start(name, None, token=scim.token, root=parse_base_url(scim.url), **changes)
    exchange = run.session.traffic.exchange
    assert isinstance(exchange, HTTPExchange)
    with exchange:
        run.play()
    return run


def wrongs(run: Simulation) -> list[str]:
    """Return what went wrong, in words."""
    return [f"{one.request.name}: {one.wrong}" for one in run.session.traffic.failures]


def path_of(request: httpx2.Request) -> str:
    """Return the path below the SCIM root, with the query."""
    return request.url.raw_path.decode().removeprefix("/scim/v2")


def in_process(client: SCIMTestClient) -> Network:
    """Return a way to the app that needs no socket."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        got = client.request(
            request.method,
            path_of(request),
            request.content,
            CONTENT_TYPE=request.headers["Content-Type"],
            HTTP_ACCEPT=request.headers["Accept"],
            HTTP_AUTHORIZATION=request.headers["Authorization"],
        )
        return httpx2.Response(got.status, headers=dict(got.headers), content=got.text.encode())

    return answer


def bent(network: Network, bend: Callable[[str, str], httpx2.Response | None]) -> Network:
    """Return a network that answers what ``bend`` does instead of the server."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        own = bend(request.method, path_of(request))
        return network(request) if own is None else own

    return answer


def reply(status: int, body: Any = None, **headers: str) -> httpx2.Response:
    """Return an answer; names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = b"" if body is None else json.dumps(body).encode()
    return httpx2.Response(status, headers=named, content=content)


def answering(*replies: httpx2.Response) -> Network:
    """Return a server that gives these answers, the last one again and again."""
    left = list(replies)

    def answer(request: httpx2.Request) -> httpx2.Response:
        one = left.pop(0) if len(left) > 1 else left[0]
        return httpx2.Response(one.status_code, headers=one.headers, content=one.content)

    return answer


def request(operation: str = "Ask", **changes: Any) -> ProviderRequest:
    """Return a request for a user."""
    wanted = {"operation": operation, "method": "GET", "path": "/Users/1", "expect": (200,)}
    return ProviderRequest(**{**wanted, **changes})
