"""Measures what a request costs when many connections take turns, as ratios inside one run.

Fills one database with the largest number of connections, each with a token and three users, and
asks the first 2, 300 and 5,000 of them in turn for the same work, through the WSGI handler of one
process, so that whatever a process remembers for a tenant is asked for another one each time. A
last table asks two connections with a ``count`` that is a different one in each request, from 1 to
1,000. The cost is the CPU time of the process; only ratios are results. Tokens are hashed cheaply
here: what is measured is that none is hashed twice. Needs the extra ``test``.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

from benchmarks import use_example_project
from benchmarks.yardstick.databases import KINDS, opened
from benchmarks.yardstick.folders import folder_of

USERS = 3
ROUNDS = 5
COUNTS = 1000


@dataclass(frozen=True)
class Tenant:
    """One connection as its identity provider knows it."""

    token: str
    id: str
    """The SCIM id of its first user."""
    user_name: str


Make = Callable[[Tenant], str]
"""Returns the path, with its query, that a tenant asks for next."""
Measured = tuple[str, list[list[float]]]
"""A name, and CPU seconds of one request: by round, then by column."""


def main(arguments: Sequence[str]) -> None:
    """Parse the command line, run, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks connections", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--server", default="", help="URL of a server that is there already")
    parser.add_argument("--connections", type=int, nargs="+", default=[2, 300, 5000])
    parser.add_argument("--requests", type=int, default=2000, help="requests for each figure")
    found = parser.parse_args(arguments)
    sizes = sorted(found.connections)
    with folder_of(None) as folder, opened(found.database, folder, found.server) as databases:
        databases.make("connections")
        _set_up(databases.url("connections"))
        tenants = list(_tenants(sizes[-1]))
        works = {
            "userName eq": _find,
            "GET by id": lambda tenant: f"/scim/v2/Users/{tenant.id}",
            "first page": lambda tenant: "/scim/v2/Users",
        }
        _show(
            "connections in turn",
            [f"{size:,}" for size in sizes],
            [
                (name, _rounds([(tenants[:size], make) for size in sizes], found.requests))
                for name, make in works.items()
            ],
        )
        _show(
            "count of the client, 2 connections in turn",
            ["100", f"1 to {COUNTS:,}"],
            [
                (name, _rounds(_by_count(tenants[:2], works[name]), found.requests))
                for name in ("userName eq", "first page")
            ],
        )


def _find(tenant: Tenant) -> str:
    expression = f'userName eq "{tenant.user_name}"'
    return f"/scim/v2/Users?filter={quote(expression)}"


def _by_count(tenants: Sequence[Tenant], make: Make) -> list[tuple[Sequence[Tenant], Make]]:
    counts = itertools.cycle(range(1, COUNTS + 1))

    def counted(tenant: Tenant, count: int) -> str:
        path = make(tenant)
        return f"{path}{'&' if '?' in path else '?'}count={count}"

    return [
        (tenants, lambda tenant: counted(tenant, 100)),
        (tenants, lambda tenant: counted(tenant, next(counts))),
    ]


def _set_up(url: str) -> None:
    """Make Django ready over an empty database."""
    use_example_project(url)
    import django
    from django.conf import settings
    from django.core.management import call_command

    cheap = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
    settings.SCIM_PROVIDER = {**settings.SCIM_PROVIDER, "ARGON2": cheap}
    # The limits count in a cache of the project's, which must have room for all that it counts.
    settings.CACHES["default"].setdefault("OPTIONS", {})["MAX_ENTRIES"] = 1_000_000
    django.setup()
    call_command("migrate", verbosity=0)


def _tenants(number: int) -> Iterator[Tenant]:
    """Make so many connections and yield them."""
    from benchmarks.load import load
    from django_scim_provider.models import LinkedAccount
    from django_scim_provider.tokens.service import generate_scim_token

    for place in range(number):
        provider_id = f"tenant-{place}"
        token = generate_scim_token(provider_id)[1]
        load(provider_id, USERS, first=place * USERS)
        key, name = (
            LinkedAccount.objects.of(provider_id).values_list("pk", "user_name").order_by("pk")[0]
        )
        yield Tenant(token, str(key), name)
        if place % 1000 == 999:
            print(f"made: {place + 1:,} connections", file=sys.stderr, flush=True)


class Asker:
    """Sends requests to the WSGI handler, without a server between."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()

    def ask(self, tenant: Tenant, path: str) -> None:
        """Send a GET; anything but success ends the run."""
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {tenant.token}",
            "HTTP_ACCEPT": "application/scim+json",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
        }
        begun: list[str] = []

        def start(status: str, headers: Any, problem: Any = None, /) -> Callable[[bytes], object]:
            begun.append(status)
            return lambda data: None

        answer: Any = self.application(environ, start)
        body = b"".join(answer)
        answer.close()
        if not begun[0].startswith("200"):
            raise SystemExit(f"{path}: {begun[0]} {body[:200]!r}")


def _rounds(columns: Sequence[tuple[Sequence[Tenant], Make]], requests: int) -> list[list[float]]:
    """Measure all columns in turn; before that, every tenant asks once."""
    asker = Asker()
    turns = [itertools.cycle(tenants) for tenants, _ in columns]
    for tenants, make in columns:
        for tenant in tenants:
            asker.ask(tenant, make(tenant))

    def cost(turn: Iterator[Tenant], make: Make) -> float:
        before = time.process_time()
        for tenant in itertools.islice(turn, requests):
            asker.ask(tenant, make(tenant))
        return (time.process_time() - before) / requests

    return [
        [cost(turn, make) for turn, (_, make) in zip(turns, columns, strict=True)]
        for _ in range(ROUNDS)
    ]


def _show(title: str, columns: Sequence[str], table: Sequence[Measured]) -> None:
    """Print the medians of the ratios to the first column, and how far they spread."""
    print(f"\n{title} (multiples of the first; its microseconds of CPU)")
    print(f"{'work':14}{'microseconds':>14}" + "".join(f"{name:>24}" for name in columns))
    for name, rounds in table:
        first = statistics.median(costs[0] for costs in rounds) * 1e6
        cells = []
        for place in range(len(columns)):
            ratios = [costs[place] / costs[0] for costs in rounds]
            spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
            cells.append(f"{statistics.median(ratios):7.2f} {spread:>16}")
        print(f"{name:14}{first:14.0f}" + "".join(cells), flush=True)
