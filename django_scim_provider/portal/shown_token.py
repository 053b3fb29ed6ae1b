"""Showing a new token, once, beside what to enter where, and how far the set-up is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.connections.base_url import scim_root
from django_scim_provider.connections.instructions import filled, instructions_for
from django_scim_provider.connections.management import Management
from django_scim_provider.insight.at_a_glance.first_steps import (
    STEP_TITLES,
    FirstSteps,
    first_steps_of,
)
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.portal.page import PortalPage, about_connection, address_of


@sensitive_variables("wire")
def show_token(page: PortalPage, token: SCIMToken, wire: str) -> HttpResponse:
    """Return the page with the token; what it answers is not kept, and not shown again."""
    connection = token.provider
    return page.fill(
        "django_scim_provider/portal/token.html",
        {
            **about_connection(connection, "tokens"),
            **what_to_enter(page.request, connection),
            "title": gettext("The new token"),
            "token": token,
            "wire": wire,
            "steps": shown_steps(first_steps_of(connection)),
            "live_address": address_of("set-up", connection),
            "is_waiting": True,
        },
    )


def what_to_enter(request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
    """Return the address for the identity provider, and its steps."""
    base_url = scim_root(request)
    found = instructions_for(connection.profile)
    return {
        "base_url": base_url,
        "instructions": [{"about": one, "fields": filled(one, base_url or "")} for one in found],
    }


def made_before(management: Management, key: str | None) -> HttpResponse | None:
    """Return the way to the connection of a form that was sent before; None for a new one."""
    try:
        sent = UUID(key or "")
    except ValueError:
        return None
    made = management.tokens().filter(pk=sent, created_by=management.user.pk).first()
    if made is None:
        return None
    return HttpResponseRedirect(f"{address_of('set-up', made.provider)}?done=shown")


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of the set-up."""

    title: Any
    done: bool
    is_next: bool
    hint: str
    """What to do, for the step that is next."""
    at: datetime | None
    """When it was, as far as that is known."""


HINTS: dict[str, Any] = {
    "token": _("Make a token on the page of tokens."),
    "request": _("Enter the address and the token in your identity provider, and test it there."),
    "user": _("Assign people to the application in your identity provider."),
    "group": _("If your identity provider sends groups, assign or push them there."),
    "deactivation": _(
        "Take a test person out of the assignment, and see that their access ends here."
    ),
}


def shown_steps(found: FirstSteps) -> list[ShownStep]:
    """Return the steps, with a hint at the one that is next."""
    return [
        ShownStep(
            title,
            bool(getattr(found, name)),
            name == found.following,
            str(HINTS[name]) if name == found.following else "",
            getattr(found, name).at,
        )
        for name, title in STEP_TITLES.items()
    ]
