"""``manage.py scim_simulate``: play an identity provider against a SCIM endpoint."""

from __future__ import annotations

import math
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.management.endpoints import (
    INTERRUPTED,
    USAGE,
    base_url,
    read_token,
    require_tools,
)
from django_scim_provider.tools.addresses import BaseURL
from django_scim_provider.tools.interruption import Interruption
from django_scim_provider.tools.simulator.directory import invent
from django_scim_provider.tools.simulator.pacing import Pace
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.traffic import Traffic

MOST = 100_000
"""Users and groups at most."""


class Command(BaseCommand):
    """Needs no database: the endpoint may be anywhere."""

    help = (
        "Play the traffic of an identity provider against a SCIM endpoint, with invented people, "
        "and report latencies and answers that the provider could not live with."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider", choices=sorted(PROVIDERS))
        parser.add_argument("url", help="of the SCIM root, such as https://host/scim/v2")
        parser.add_argument(
            "--token-stdin", action="store_true", help="read the token from standard input"
        )
        parser.add_argument("--users", type=int, default=50, help="people (%(default)s)")
        parser.add_argument("--groups", type=int, default=5, help="groups (%(default)s)")
        parser.add_argument("--rate", type=float, help="requests a second at most")
        parser.add_argument("--seed", type=int, help="who the people are; random without it")
        parser.add_argument(
            "--deactivate",
            type=float,
            default=10,
            metavar="PERCENT",
            help="people who lose their access (%(default)s)",
        )
        parser.add_argument(
            "--cleanup", action="store_true", help="delete what the run has made when it is over"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play and report.

        Raises:
            CommandError: an argument cannot be used (exit code 2), or an answer was not as the
                provider needs it (1).
        """
        require_tools()
        self._check(options)
        url = base_url(options["url"])
        token = read_token()
        if not url.is_secure and not url.is_loopback:
            self.stderr.write("The token goes over http: anyone on the way can read it.")
        run = self._play(url, token, options)
        if not run.good:
            raise CommandError(run.complaint)

    def _check(self, options: dict[str, Any]) -> None:
        """Refuse arguments that cannot be used.

        Raises:
            CommandError: an argument cannot be used.
        """
        rate = options["rate"]
        wrong = {
            "--token-stdin is needed: the token is read from standard input only.": not options[
                "token_stdin"
            ],
            f"--users needs 1 to {MOST}.": not 1 <= options["users"] <= MOST,
            f"--groups needs 0 to {MOST}.": not 0 <= options["groups"] <= MOST,
            "--rate needs more than 0.": rate is not None and not 0 < rate < math.inf,
            "--deactivate needs 0 to 100.": not 0 <= options["deactivate"] <= 100,
        }
        for message, applies in wrong.items():
            if applies:
                raise CommandError(message, returncode=USAGE)

    def _play(self, url: BaseURL, token: str, options: dict[str, Any]) -> Simulation:
        # These need the extra "tools", which has been looked for by now.
        from django_scim_provider.tools import report
        from django_scim_provider.tools.http import HTTPExchange
        from django_scim_provider.tools.simulator import results

        provider = PROVIDERS[options["provider"]]
        seed = secrets.randbits(32) if options["seed"] is None else options["seed"]
        directory = invent(
            run=secrets.token_hex(4),
            seed=seed,
            users=options["users"],
            groups=options["groups"] if provider.pushes_groups else 0,
            deactivate=options["deactivate"],
        )
        colors = {name: options[name] for name in ("no_color", "force_color")}
        interrupted = False
        with (
            HTTPExchange(url, token, headers=provider.headers) as exchange,
            report.bar(report.console_on(self.stderr, **colors)) as announce,
        ):
            traffic = Traffic(exchange=exchange, pace=Pace(rate=options["rate"]))
            run = Simulation(
                provider=provider,
                session=Session(directory=directory, traffic=traffic),
                announce=announce,
                cleanup=options["cleanup"],
            )
            try:
                with Interruption():
                    run.play()
            except KeyboardInterrupt:
                interrupted = True
        if options["json"]:
            found = {"url": url.text, "seed": seed, **results.as_dict(run)}
            self.stdout.write(report.as_json(found))
        else:
            results.print_simulation(report.console_on(self.stdout, **colors), run)
            self.stdout.write(f"Seed {seed}")
        if interrupted:
            raise CommandError("Stopped.", returncode=INTERRUPTED)
        return run
