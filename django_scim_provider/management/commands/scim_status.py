"""``manage.py scim_status``: what each connection is, holds, and was last used for."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Max, Q
from django.utils import timezone

from django_scim_provider.conf import get_settings
from django_scim_provider.management.commands import find_connection
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
)


class Command(BaseCommand):
    """Shows no secret, name or address."""

    help = "Show the state of SCIM provider connections."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", nargs="?", help="id of one connection; all without it")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print.

        Raises:
            CommandError: there is no such connection.
        """
        using = get_settings().DATABASE
        if options["provider_id"] is None:
            connections = list(ProviderConnection.objects.using(using).order_by("provider_id"))
        else:
            connections = [find_connection(options["provider_id"])]
        found = [status(connection, using) for connection in connections]
        if options["json"]:
            self.stdout.write(json.dumps(found, cls=DjangoJSONEncoder, indent=2))
            return
        if not found:
            self.stdout.write("There are no connections.")
        for one in found:
            self.stdout.write(f"{one.pop('provider_id')}")
            for name, value in one.items():
                self.stdout.write(f"  {name.replace('_', ' ')}: {'-' if value is None else value}")


def status(connection: ProviderConnection, using: str) -> dict[str, Any]:
    """Return what there is to say of a connection; times are in UTC."""
    state = "enabled" if connection.enabled else "disabled"
    if connection.decommissioned_at is not None:
        state = "decommissioned"
    accounts = LinkedAccount.objects.using(using).of(connection.provider_id)
    tokens = SCIMToken.objects.using(using).filter(provider=connection)
    groups = ProvisionedGroup.objects.using(using).of(connection.provider_id)
    events = ProvisioningEvent.objects.using(using).filter(provider=connection)
    counted = accounts.aggregate(
        all=Count("pk"),
        active=Count("pk", filter=Q(active=True, released_at=None)),
        released=Count("pk", filter=Q(released_at__isnull=False)),
    )
    alive = tokens.live(timezone.now())
    return {
        "provider_id": connection.provider_id,
        "state": state,
        "profile": connection.profile,
        "organization": connection.organization_id,
        "owner": None if connection.owner is None else connection.owner.pk,
        "live_tokens": alive.count(),
        "last_contact": tokens.aggregate(last=Max("last_used_at"))["last"],
        "next_expiry": alive.exclude(expires_at=None)
        .order_by("expires_at")
        .values_list("expires_at", flat=True)
        .first(),
        "users": counted["all"],
        "active_users": counted["active"],
        "released_users": counted["released"],
        "groups": groups.count(),
        "refused_changes": events.exclude(outcome=ProvisioningEvent.Outcome.DONE).count(),
    }
