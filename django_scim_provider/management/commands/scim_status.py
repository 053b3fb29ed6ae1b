"""``manage.py scim_status``: what each connection is, holds, and was last used for."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from django_scim_provider.insight.at_a_glance.tallies import daily_requests
from django_scim_provider.insight.conditions import state_of
from django_scim_provider.insight.health import Summary, summaries
from django_scim_provider.management.commands import find_connections
from django_scim_provider.management.json_values import plain
from django_scim_provider.models.connection_profiles import (
    profile_problem,
    shown_switches,
    stored_profile,
)
from django_scim_provider.models.moments import utc, utc_now


class Command(BaseCommand):
    """Shows no secret, name or address."""

    help = "Show the state of SCIM connections."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", nargs="?", help="id of one connection; all without it")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print.

        Raises:
            CommandError: there is no such connection.
        """
        connections = find_connections(options["provider_id"])
        now = utc_now()
        daily = daily_requests([each.provider_id for each in connections], now)
        found = [
            status(summary, daily[summary.connection.provider_id].problems)
            for summary in summaries(connections, now)
        ]
        if options["json"]:
            self.stdout.write(json.dumps(found, cls=DjangoJSONEncoder, indent=2))
            return
        if not found:
            self.stdout.write("There are no connections.")
        for one in found:
            self.stdout.write(f"{one.pop('provider_id')}")
            for name, value in one.items():
                self.stdout.write(f"  {name.replace('_', ' ')}: {_in_words(value)}")


def _in_words(value: Any) -> Any:
    if isinstance(value, list):
        value = ", ".join(value) or None
    return "-" if value is None else value


def status(summary: Summary, refused: int) -> dict[str, Any]:
    """Return what is shown of a connection; times are in UTC."""
    connection = summary.connection
    profile, switches = stored_profile(connection)
    return {
        "provider_id": connection.provider_id,
        "state": state_of(connection),
        "profile": profile,
        "switches": [
            f"{name} {'on' if is_on else 'off'}" for name, is_on in shown_switches(switches).items()
        ],
        "profile_problem": profile_problem(profile, switches),
        "organization": connection.organization_id,
        "owner": plain(connection.owner_id),
        "live_tokens": summary.live_tokens,
        "last_contact": _utc(summary.last_used_at),
        "next_expiry": _utc(summary.next_expiry),
        "users": summary.users,
        "active_users": summary.active_users,
        "released_users": summary.released_users,
        "groups": summary.groups,
        "refused_changes": refused,
    }


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else utc(moment)
