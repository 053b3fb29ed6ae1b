"""``manage.py scim_drift``: what differs from what identity providers said last."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.drift import (
    BATCH_SIZE,
    MAX_BATCH_SIZE,
    Difference,
    Divergence,
    Drift,
    DriftComparison,
)
from django_scim_provider.management.commands import find_connection, show_progress, told
from django_scim_provider.management.json_values import plain
from django_scim_provider.models import ProviderConnection
from django_scim_provider.registry import get_registry


class Command(BaseCommand):
    """Interrupted, a repair goes on where it was when it is called again."""

    help = (
        "Compare what identity providers said last with the users, memberships and roles of the "
        "project, and repair what differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--provider", metavar="ID", help="one connection; all that are open without it"
        )
        parser.add_argument("--repair", action="store_true", help="bring in line what differs")
        parser.add_argument(
            "--reopen",
            action="store_true",
            help="count as drift, and repair, what the project closed or took from people whom "
            "the identity provider calls active",
        )
        parser.add_argument(
            "--values", action="store_true", help="show values as well: personal data"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object on each line")
        parser.add_argument(
            "--batch-size",
            type=int,
            default=BATCH_SIZE,
            help="accounts that are compared together, and repaired in one transaction "
            "(%(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare.

        Raises:
            CommandError: there is no such connection, it cannot be repaired, or an argument is not
                valid.
        """
        if not 1 <= options["batch_size"] <= MAX_BATCH_SIZE:
            raise CommandError(f"--batch-size is a number from 1 to {MAX_BATCH_SIZE}.")
        if options["provider"] is None:
            rows = ProviderConnection.objects.using(get_settings().DATABASE).usable()
            connections = list(rows.order_by("provider_id"))
        else:
            connections = [find_connection(options["provider"])]
        failed = []
        for connection in connections:
            try:
                self._compare(connection, options)
            except CommandError as error:
                failed.append(f"{connection.provider_id}: {error}")
        if failed:
            raise CommandError("\n".join(failed))

    def _compare(self, connection: ProviderConnection, options: dict[str, Any]) -> None:
        registry = get_registry()
        shown = partial(self._show, connection.provider_id, options)
        with told():
            comparison = DriftComparison(
                connection,
                user_type=registry.by_name("User").resource_type,
                group_type=registry.by_name("Group").resource_type,
                repair=options["repair"],
                reopen=options["reopen"],
                batch_size=options["batch_size"],
            )
            quiet = options["verbosity"] == 0 or options["json"]
            drift = comparison.run(
                seen=shown, progress=None if quiet else partial(show_progress, self, "rows")
            )
        self._sum_up(connection.provider_id, drift, as_json=options["json"])

    def _show(self, provider_id: str, options: dict[str, Any], finding: Divergence) -> None:
        if options["json"]:
            self._print(
                {
                    "provider": provider_id,
                    "resourceType": finding.resource_type,
                    "id": finding.resource_id or None,
                    "user": plain(finding.user_id),
                    "differences": [
                        _as_json(each, values=options["values"]) for each in finding.differences
                    ],
                    "repaired": finding.repaired,
                    "refused": finding.refused or None,
                }
            )
            return
        words = [provider_id, finding.resource_type, finding.resource_id]
        if finding.user_id is not None:
            words.append(f"(user {finding.user_id})")
        told = ", ".join(_as_text(each, values=options["values"]) for each in finding.differences)
        ending = " repaired" if finding.repaired else ""
        if finding.refused:
            ending = f" refused: {finding.refused}"
        self.stdout.write(f"{' '.join(filter(None, words))}: {told}{ending and ';'}{ending}")

    def _sum_up(self, provider_id: str, drift: Drift, *, as_json: bool) -> None:
        if as_json:
            self._print(
                {
                    "provider": provider_id,
                    "compared": drift.compared,
                    "differing": drift.differing,
                    "repaired": drift.repaired,
                    "refused": drift.refused,
                    "kept": dict(sorted(drift.kept.items())),
                }
            )
            return
        text = f"{provider_id}: {drift.compared} compared, {drift.differing} differ"
        if drift.repaired or drift.refused:
            text += f", {drift.repaired} repaired, {drift.refused} refused"
        for reason, number in sorted(drift.kept.items()):
            text += f", {number} {reason}"
        self.stdout.write(f"{text}.")

    def _print(self, value: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder))


def _as_json(difference: Difference, *, values: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "part": difference.part,
        "name": difference.name,
        "kept": difference.kept,
    }
    if values:
        shown |= {"now": plain(difference.now), "due": plain(difference.due)}
    return shown


def _as_text(difference: Difference, *, values: bool) -> str:
    text = f"{difference.part} {difference.name}"
    if difference.part == difference.name:
        text = difference.name
    if values:
        text += f" {difference.now!r} -> {difference.due!r}"
    return f"{text} [{difference.kept}]" if difference.kept else text
