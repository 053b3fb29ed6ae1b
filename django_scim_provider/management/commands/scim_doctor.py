"""``manage.py scim_doctor``: check a live deployment from outside and say what to change."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

try:
    from django_scim_provider.tools.doctor import results as report
    from django_scim_provider.tools.doctor.checkup import Check, Outcome, check_up
    from django_scim_provider.tools.doctor.examination import Examination
    from django_scim_provider.tools.doctor.kinds import Level
    from django_scim_provider.tools.http import Exchange
    from django_scim_provider.tools.interruption import Interruption
except ModuleNotFoundError as error:  # pragma: no cover - ``require_tools`` says so
    if error.name != "httpx2":
        raise
from django_scim_provider.management.endpoints import (
    INTERRUPTED,
    USAGE,
    base_url,
    read_token,
    require_tools,
)

LONGEST = 3600.0
"""Seconds."""


class Command(BaseCommand):
    """Exit code 0: nothing is wrong; 1: an error was found; 2: an argument cannot be used."""

    help = (
        "Check a live SCIM deployment from outside, as an identity provider sees it, and say what "
        "to change. Makes a probe user and removes it again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("url", help="the SCIM base URL, such as https://host/scim/v2")
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="read the bearer token from standard input, the only place where it may come from",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--no-write", action="store_true", help="leave out the probe user")
        parser.add_argument(
            "--timeout",
            type=float,
            default=10.0,
            metavar="SECONDS",
            help="how long an answer may take (%(default)s)",
        )
        parser.add_argument(
            "--max-wait",
            type=float,
            default=60.0,
            metavar="SECONDS",
            help="how long to wait altogether where the server limits requests (%(default)s)",
        )

    @sensitive_variables()
    def handle(self, *args: Any, **options: Any) -> None:
        """Examine and report.

        Raises:
            CommandError: an argument cannot be used, or the extra is not installed.
            SystemExit: an error was found, or a signal came.
        """
        require_tools()
        self._check(options)
        root = base_url(options["url"])
        token = read_token(whatever_it_is=True)
        with Interruption(self._say_interrupted) as interruption:
            exchange = Exchange(
                root,
                token,
                timeout=options["timeout"],
                max_wait=options["max_wait"],
                interruption=interruption,
                tell=self.stderr.write,
            )
            examination = Examination(exchange=exchange, token=token, interruption=interruption)
            self._examine(examination, as_json=options["json"], write=not options["no_write"])

    def _check(self, options: dict[str, Any]) -> None:
        """Refuse arguments that cannot be used.

        Raises:
            CommandError: saying which.
        """
        if not options["token_stdin"]:
            raise CommandError("Give --token-stdin, and the token on it.", returncode=USAGE)
        for name, least in (("timeout", 0.1), ("max_wait", 0)):
            if not least <= options[name] <= LONGEST:
                option = "--" + name.replace("_", "-")
                raise CommandError(
                    f"{option} needs a number from {least} to {LONGEST:g}.", returncode=USAGE
                )

    def _examine(self, examination: Examination, *, as_json: bool, write: bool) -> None:
        outcomes: dict[str, Outcome] = {}

        def tell(check: Check, outcome: Outcome) -> None:
            outcomes[check.name] = outcome
            if not as_json:
                self.stdout.write(report.check_line(check, outcome))
                self.stdout.flush()

        if not as_json:
            self.stdout.write(f"{examination.base_url.text}\n")
        interrupted = False
        try:
            check_up(examination, write=write, tell=tell)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            examination.exchange.close()
        if as_json:
            self.stdout.write(report.as_json(examination, outcomes, interrupted=interrupted))
        else:
            self._print(examination)
        if interrupted:
            self.stderr.write("Stopped.")
            raise SystemExit(INTERRUPTED)
        if examination.errors:
            raise SystemExit(1)

    def _print(self, examination: Examination) -> None:
        styles: dict[Level, report.Style] = {
            Level.ERROR: self.style.ERROR,
            Level.WARNING: self.style.WARNING,
            Level.NOTE: self.style.NOTICE,
        }
        for line in report.finding_lines(examination, styles):
            self.stdout.write(line)

    def _say_interrupted(self) -> None:
        self.stderr.write("Stopping; the probe user is removed first.")
