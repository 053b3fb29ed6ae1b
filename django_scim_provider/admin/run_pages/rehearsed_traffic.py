"""The simulator, against a connection that never was: everything is undone when it is over."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django_scim_provider.admin.run_pages import throwaway
from django_scim_provider.connections.base_url import scim_root_in_process
from django_scim_provider.connections.recordings.rehearsing import rehearsed
from django_scim_provider.models import CheckRun
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tools.addresses import parse_base_url
from django_scim_provider.tools.simulator.directory import invent
from django_scim_provider.tools.simulator.pacing import Pace
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.traffic import Traffic

GROUPS = 2
LEAVERS = 20.0
"""Percent of the people who lose their access."""
SHOWN = 20
"""Failures that are kept."""
SECONDS = 45.0
"""How long requests are played; SQLite lets nobody else write meanwhile."""


def play(run: CheckRun, found: dict[str, Any], note: Callable[[int, int], None]) -> str:
    """Play invented people, and keep what an identity provider could not live with."""
    # These need the extra "tools", which the page has looked for.
    from django_scim_provider.admin.run_pages.rehearsal_transport import RehearsalTransport
    from django_scim_provider.tools.http import HTTPExchange
    from django_scim_provider.tools.simulator import results

    provider = PROVIDERS[run.options["product"]]
    directory = invent(
        run=secrets.token_hex(4),
        seed=secrets.randbits(32),
        users=run.options["people"],
        groups=GROUPS if provider.pushes_groups else 0,
        deactivate=LEAVERS,
    )
    root = parse_base_url(scim_root_in_process(run.options["origin"]))

    def announce(name: str, done: int, total: int) -> None:
        note(done, total)

    with (
        rehearsed(
            throwaway.unsaved(run), root.text, seconds=SECONDS, scopes=frozenset(all_scopes())
        ) as rehearsal,
        HTTPExchange(
            root,
            rehearsal.token,
            headers=provider.headers,
            transport=RehearsalTransport(rehearsal),
        ) as exchange,
    ):
        traffic = Traffic(exchange=exchange, pace=Pace())
        session = Session(directory=directory, traffic=traffic)
        simulation = Simulation(provider=provider, session=session, announce=announce)
        try:
            simulation.play()
        finally:
            told = results.as_dict(simulation)
            found |= {name: told[name] for name in ("requests", "operations", "stopped")}
            found["failures"] = told["failures"][:SHOWN]
            found["failed"] = len(told["failures"])
    return ""
