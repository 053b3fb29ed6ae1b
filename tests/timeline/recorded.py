"""What tests of timelines ask for over and over."""

from __future__ import annotations

from typing import Any

from django_scim_provider.models import (
    EventEffect,
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
)
from tests.scim_client import SCIMTestClient


def effects(*kinds: str) -> list[tuple[str, str, str]]:
    """Return who, what and the action of the event, of effects of these kinds or of all."""
    names = {row.pk: row.user_name for row in LinkedAccount.objects.all()}
    names |= {row.pk: row.display_name for row in ProvisionedGroup.objects.all()}
    rows = EventEffect.objects.select_related("event").order_by("event_id", "pk")
    found = rows.filter(kind__in=kinds) if kinds else rows
    return [(names.get(row.subject, "?"), row.kind, row.event.action) for row in found]


def members(client: SCIMTestClient, group: dict[str, Any], op: str, *who: dict[str, Any]) -> None:
    """Change the members of a group by PATCH."""
    operation = {"op": op, "path": "members", "value": [{"value": each["id"]} for each in who]}
    assert client.patch(f"/Groups/{group['id']}", operation).status == 204


def no_effect_without_event() -> bool:
    """Tell whether each effect has its event."""
    keys = set(ProvisioningEvent.objects.values_list("pk", flat=True))
    return set(EventEffect.objects.values_list("event_id", flat=True)) <= keys
