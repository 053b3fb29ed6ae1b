"""``manage.py scim_doctor``: check a live deployment from outside and say what to change."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.connections.base_url import root_path
from django_scim_provider.management.endpoints import (
    INTERRUPTED,
    TOOLS,
    USAGE,
    base_url,
    read_token,
    require_tools,
)

try:
    from django_scim_provider.management.examined_token import ProjectToken
    from django_scim_provider.tools import report
    from django_scim_provider.tools.doctor import results
    from django_scim_provider.tools.doctor.checkup import Check, CheckResult, check_up
    from django_scim_provider.tools.doctor.examination import HEADERS, Examination
    from django_scim_provider.tools.http import HTTPExchange
    from django_scim_provider.tools.interruption import Interruption
except ModuleNotFoundError as error:  # pragma: no cover - ``require_tools`` says so
    if (error.name or "").partition(".")[0] not in TOOLS:
        raise

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
        with (
            Interruption(self._say_interrupted) as interruption,
            HTTPExchange(root, token, headers=HEADERS, timeout=options["timeout"]) as exchange,
        ):
            examination = Examination(
                exchange=exchange,
                token=ProjectToken(token),
                interruption=interruption,
                wait_left=options["max_wait"],
                tell=self.stderr.write,
                own_path=own_path(),
            )
            self._examine(examination, options)

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

    def _examine(self, examination: Examination, options: dict[str, Any]) -> None:
        as_json, made = options["json"], dict[str, CheckResult]()
        colors = {name: options[name] for name in ("no_color", "force_color")}
        console = report.console_on(self.stdout, **colors)

        def tell(check: Check, result: CheckResult) -> None:
            made[check.name] = result
            if not as_json:
                results.print_check(console, check, result)

        if not as_json:
            report.write(console, examination.base_url.text)
        interrupted = False
        try:
            check_up(examination, write=not options["no_write"], tell=tell)
        except KeyboardInterrupt:
            interrupted = True
        if as_json:
            found = results.as_dict(examination, made, interrupted=interrupted)
            self.stdout.write(report.as_json(found))
        else:
            results.print_findings(console, examination)
        if interrupted:
            self.stderr.write("Stopped.")
            raise SystemExit(INTERRUPTED)
        if examination.errors:
            raise SystemExit(1)

    def _say_interrupted(self) -> None:
        self.stderr.write("Stopping; the probe user is removed first.")


def own_path() -> str | None:
    """Return where this project has the SCIM root, or None."""
    with suppress(NoReverseMatch):  # under another namespace, or only on the server
        return root_path().rstrip("/")
    return None
