"""``manage.py demo``: set the example up, serve it, and play an onboarding against it."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
from typing import IO, Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from rich.console import Console

from django_scim_provider.tools.addresses import parse_base_url
from django_scim_provider.tools.http import HTTPExchange
from django_scim_provider.tools.interruption import Interruption
from django_scim_provider.tools.report import bar, console_on
from django_scim_provider.tools.simulator.directory import invent
from django_scim_provider.tools.simulator.results import print_simulation
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.traffic import Traffic
from example.log_ins import LOG_INS
from example.onboarding.access import Access
from example.onboarding.log_in import LogInFault, LogInWalk
from example.onboarding.server import ServerError, migrate, refuse_taken, running
from example.onboarding.tenancy import okta_and_tenants
from example.tenants import ACME, ADMIN, GLOBEX, TENANTS, TenantError, membership, set_up

OWN, FOREIGN = LOG_INS
STOPPING = "Stopping the server. Without --exit the demo goes on serving and shows how to ask it."


class Command(BaseCommand):
    """May be run again and again on the same database; each run brings other people in."""

    help = "Set the example project up, serve it, and play an onboarding by Okta against it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--port", type=int, default=8000, help="of the server (%(default)s)")
        parser.add_argument(
            "--users", type=int, default=50, help="people to bring in (%(default)s)"
        )
        parser.add_argument(
            "--exit",
            action="store_true",
            help="stop when the onboarding is over; exit code 1 if a step failed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, report, and serve on unless told to stop.

        Raises:
            CommandError: an argument is wrong, the server does not start, or, with ``--exit``, a
                step was not answered as it should.
        """
        if options["users"] < 1:
            raise CommandError("--users needs at least 1.")
        if not 1 <= options["port"] <= 65535:
            raise CommandError("--port needs a number from 1 to 65535.")
        console = console_on(self.stdout)
        try:
            refuse_taken(options["port"])  # before anything of a demo that runs there is changed
            console.print("Setting up the database ...")
            migrate(options["port"])
        except ServerError as error:
            raise CommandError(str(error)) from error
        password = secrets.token_urlsafe(12)
        try:
            tokens = set_up(password)
        except TenantError as error:
            raise CommandError(str(error)) from error
        connections.close_all()
        access = Access(
            port=options["port"],
            token=tokens[ACME],
            user_name=ADMIN,
            password=password,
            owners=tuple((tenant.name, tenant.owner) for tenant in TENANTS),
            schema=apps.is_installed("drf_spectacular"),
        )
        with tempfile.TemporaryFile() as log, Interruption():
            try:
                with running(options["port"], log) as server:
                    run = play(console, access, tokens[GLOBEX], options["users"])
                    print_simulation(console, run)
                    if run.stopped:
                        self.stderr.write(run.stopped)
                    fault = self._walk(access)
                    self.stdout.write("\n".join(["", *map(membership, TENANTS)]))
                    connections.close_all()
                    self._show(access, serving=not options["exit"])
                    if not options["exit"]:
                        wait_for_the_end(server)
            except ServerError as error:
                raise CommandError(f"{error}\n{tail(log)}".strip()) from error
            except KeyboardInterrupt as error:
                raise CommandError("Stopped.", returncode=130) from error
        if options["exit"] and not (run.good and fault is None):
            raise CommandError(fault or run.complaint)

    def _walk(self, access: Access) -> str | None:
        """Print how somebody logs in and loses access; return what went wrong, None if nothing."""
        self.stdout.write("\nLog-in:")
        try:
            for line in LogInWalk(access=access, own=OWN, foreign=FOREIGN).told():
                self.stdout.write(f"  {line}")
        except LogInFault as error:
            self.stderr.write(str(error))
            return str(error)
        return None

    def _show(self, access: Access, *, serving: bool) -> None:
        """Print what there is to copy, without markup and line breaks of a console.

        Of a server that is about to stop there is none.
        """
        lines = access.lines() if serving else ["", *access.log_ins(), ""]
        self.stdout.write("\n".join(lines))
        self.stdout.write("Serving; Ctrl-C stops." if serving else STOPPING)
        self.stdout.flush()


def play(console: Console, access: Access, foreign_token: str, count: int) -> Simulation:
    """Run the onboarding behind a progress bar and return it."""
    provider = okta_and_tenants(foreign_token)
    directory = invent(
        run=secrets.token_hex(4),
        seed=secrets.randbits(32),
        users=count,
        groups=max(2, count // 25),
        deactivate=10,
    )
    url = parse_base_url(access.scim_url)
    with (
        HTTPExchange(url, access.token, headers=provider.headers) as exchange,
        bar(console) as announce,
    ):
        session = Session(directory=directory, traffic=Traffic(exchange=exchange))
        run = Simulation(provider=provider, session=session, announce=announce)
        run.play()
    return run


def wait_for_the_end(server: subprocess.Popen[bytes]) -> None:
    """Return when the server ends or the user presses Ctrl-C."""
    try:
        code = server.wait()
    except KeyboardInterrupt:
        return
    raise ServerError(f"The server ended with exit code {code}.")


def tail(log: IO[bytes]) -> str:
    """Return the end of what the server wrote."""
    log.seek(0)
    return log.read().decode(errors="replace")[-2000:]
