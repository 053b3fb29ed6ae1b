"""``manage.py scim_selfcheck``: try what the project itself wrote for SCIM."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_scim_provider.management.commands import find_connection
from django_scim_provider.management.endpoints import USAGE
from django_scim_provider.models.connection_profiles import known_profiles, stored_profile
from django_scim_provider.selfcheck.told_faults import CheckedPart
from django_scim_provider.selfcheck.whole_check import (
    CheckedKind,
    all_checks,
    check_project,
    kinds_of_connections,
)

SECONDS = 120
"""How long the requests for one kind of connection may take."""


class Command(BaseCommand):
    """Runs in transactions that are never committed, so that nothing stays."""

    help = (
        "Try the project's adapter, extensions, resource types and profiles by requests that are "
        "undone, and say what is wrong and where."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--profile", metavar="NAME", help="one profile; those of the connections without it"
        )
        parser.add_argument(
            "--provider", metavar="ID", help="as this connection, and not as one like it"
        )
        parser.add_argument("--organization", metavar="ID", help="for an organization")
        parser.add_argument(
            "--check",
            action="append",
            default=[],
            metavar="NAME",
            help="this check, such as users or extension:accounts.scim.BADGE; may be repeated",
        )
        parser.add_argument(
            "--user",
            metavar="FILE",
            help="a JSON object of attributes that people have in this project; {name} in a text "
            "is another one for each person",
        )
        parser.add_argument(
            "--timeout",
            type=float,
            default=SECONDS,
            metavar="SECONDS",
            help="for each kind of connection (%(default)s)",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check.

        Raises:
            CommandError: an argument cannot be used.
            SystemExit: something is wrong (1).
        """
        kinds, sample = self._kinds(options), self._sample(options["user"])
        names = [check.name for check in all_checks()]
        if unknown := set(options["check"]) - set(names):
            text = f"There is no check {min(unknown)!r}; there are {', '.join(names)}."
            raise CommandError(text, returncode=USAGE)
        parts = check_project(
            kinds,
            sample=sample,
            seconds=options["timeout"],
            names=options["check"],
            tell=(lambda part: None) if options["json"] else self._tell,
        )
        states = Counter(part.state for part in parts)
        good = not states["failed"]
        if options["json"]:
            found = {"good": good, "checks": [part.as_dict() for part in parts]}
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            told = [f"{states[name]} {name}" for name in ("passed", "failed", "skipped")]
            self.stdout.write(f"{', '.join(told)}. Nothing of it stays.")
        if not good:
            raise SystemExit(1)

    def _kinds(self, options: dict[str, Any]) -> list[CheckedKind]:
        profile, organization = options["profile"], options["organization"]
        if profile is not None and profile not in known_profiles():
            known = ", ".join(sorted(known_profiles()))
            raise CommandError(
                f"There is no profile {profile!r}; there are {known}.", returncode=USAGE
            )
        if options["provider"] is not None:
            connection = find_connection(options["provider"])
            name, switches = stored_profile(connection)
            if organization is not None or profile not in (None, name):
                text = "--provider has its own profile and organization."
                raise CommandError(text, returncode=USAGE)
            kind = CheckedKind(
                profile=name,
                switches=switches,
                organization_id=connection.organization_id,
                connection=connection,
            )
            return [kind]
        kinds = kinds_of_connections(organization)
        if profile is None:
            return kinds
        meant = [kind for kind in kinds if kind.profile == profile]
        return meant or [replace(kinds[0], profile=profile, switches={})]

    def _sample(self, path: str | None) -> dict[str, Any]:
        if path is None:
            return {}
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            text = f"{path} cannot be read as JSON: {error}"
            raise CommandError(text, returncode=USAGE) from error
        if not isinstance(found, dict):
            raise CommandError(f"{path} must hold a JSON object.", returncode=USAGE)
        return found

    def _tell(self, part: CheckedPart) -> None:
        remark = f" ({part.skipped})" if part.skipped else ""
        self.stdout.write(f"{part.state:7} {part.name} [{part.connection}]: {part.about}{remark}")
        for fault in part.faults:
            mark = "!" if fault.level == "error" else "?"
            self.stdout.write(f"      {mark} {fault.where}\n        {fault.says}")
