"""What arrived lately, to test a connection by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.activity import requests_of
from django_scim_provider.insight.health import latest_of
from django_scim_provider.models import (
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
)
from django_scim_provider.models.moments import as_held, utc_now
from django_scim_provider.portal.page import PortalConnectionPage
from django_scim_provider.portal.texts import OUTCOMES, asked_for, reason_of

SHOWN = 50


class PortalRequestsPage(PortalConnectionPage):
    """The latest requests with their outcomes; while it is open, it looks again."""

    template = "django_scim_provider/portal/requests.html"
    title = _("Requests")
    section = "requests"

    def context(self) -> dict[str, Any]:
        """Return the last contact and the latest requests."""
        events = list(requests_of([self.connection.provider_id]).order_by("-pk")[:SHOWN])
        tokens = SCIMToken.objects.using(self.management.using).filter(provider=self.connection)
        used_at = tokens.aggregate(at=Max("last_used_at"))["at"]
        return {
            "events": told(self, events),
            "last_contact": latest_of(used_at, events[0].at if events else None),
            "now": as_held(utc_now()),
            "live_address": self.request.path,
        }


def told(
    page: PortalConnectionPage, events: Sequence[ProvisioningEvent], *, named: bool = True
) -> list[dict[str, Any]]:
    """Return events in words, with whom they were about by one statement for each kind.

    People of the project who did something are not named: they may be its staff.
    """
    names = _names(page, events) if named else {}
    return [
        {
            "event": event,
            "asked": asked_for(event),
            "outcome": OUTCOMES.get(event.outcome, event.outcome),
            "reason": reason_of(event),
            "who": names.get((event.resource_type, event.resource_id)),
        }
        for event in events
    ]


def _names(
    page: PortalConnectionPage, events: Sequence[ProvisioningEvent]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the names of people and groups of the connection by type and id."""
    using, provider_id = page.management.using, page.connection.provider_id
    ids = {kind: {e.resource_id for e in events if e.resource_type == kind} for kind in _KINDS}
    accounts = LinkedAccount.objects.using(using).of(provider_id)
    groups = ProvisionedGroup.objects.using(using).of(provider_id)
    people = accounts.filter(scim_id__in=ids["User"]).values_list("scim_id", "pk", "user_name")
    named = groups.filter(scim_id__in=ids["Group"]).values_list("scim_id", "pk", "display_name")
    return {
        **{("User", id): {"account": pk, "name": name} for id, pk, name in people},
        **{("Group", id): {"group": pk, "name": name} for id, pk, name in named},
    }


_KINDS = ("User", "Group")
