"""``manage.py demo``: set the example up, serve it, and play an onboarding against it."""

from __future__ import annotations

import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import httpx2
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from example.onboarding.exchange import Exchange, Step
from example.onboarding.okta import Onboarding, expected_requests
from example.onboarding.people import staff
from example.onboarding.report import Access, print_steps
from example.onboarding.server import ServerError, refuse_taken, running
from example.tenants import ACME, ADMIN, GLOBEX, TENANTS, TenantError, membership, set_up


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
        try:
            refuse_taken(options["port"])  # before anything of a demo that runs there is changed
        except ServerError as error:
            raise CommandError(str(error)) from error
        console = Console(file=cast(IO[str], self.stdout), soft_wrap=False)
        console.print("Setting up the database ...")
        call_command("migrate", verbosity=0, interactive=False)
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
        with tempfile.TemporaryFile() as log, interrupted_by_sigterm():
            try:
                with running(options["port"], log) as server:
                    steps = play(console, access, tokens[GLOBEX], options["users"])
                    print_steps(console, steps)
                    self.stdout.write("\n".join(["", *map(membership, TENANTS)]))
                    connections.close_all()
                    self._show(access, serving=not options["exit"])
                    if not options["exit"]:
                        wait_for_the_end(server)
            except ServerError as error:
                raise CommandError(f"{error}\n{tail(log)}".strip()) from error
            except KeyboardInterrupt as error:
                raise CommandError("Stopped.", returncode=130) from error
        failed = sum(len(step.failures) for step in steps)
        if options["exit"] and failed:
            raise CommandError(f"{failed} answers were not as they should be.")

    def _show(self, access: Access, *, serving: bool) -> None:
        """Print what there is to copy, without markup and line breaks of a console."""
        self.stdout.write("\n".join(access.lines()))
        self.stdout.write("Serving; Ctrl-C stops." if serving else "Stopping the server.")
        self.stdout.flush()


def play(console: Console, access: Access, foreign_token: str, count: int) -> list[Step]:
    """Run the onboarding behind a progress bar and return its steps."""
    people = staff(count, run=secrets.token_hex(4))
    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with (
        httpx2.Client(base_url=access.scim_url, timeout=30) as http,
        Progress(*columns, console=console) as progress,
    ):
        task = progress.add_task("Onboarding", total=expected_requests(count))

        def announce(name: str) -> None:
            progress.update(task, description=name, advance=1)

        exchange = Exchange(http, announce)
        Onboarding(exchange, access.token, foreign_token).play(people)
        done = sum(len(step.milliseconds) for step in exchange.steps.values())
        progress.update(task, description="Onboarding", completed=done, total=done)
    return list(exchange.steps.values())


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


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, so that the server is stopped whichever way this process ends."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
