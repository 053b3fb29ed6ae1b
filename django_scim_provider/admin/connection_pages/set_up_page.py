"""The first page of a connection: what to enter where, and what has been seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.console.navigation import list_address
from django_scim_provider.connections.base_url import scim_root
from django_scim_provider.connections.instructions import filled, instructions_for
from django_scim_provider.connections.products.attribute_maps import (
    attribute_map,
    attribute_note,
    sends_groups,
)
from django_scim_provider.connections.products.meanings import is_extended, meaning_of
from django_scim_provider.insight.at_a_glance.first_steps import (
    STEP_TITLES,
    FirstSteps,
    first_steps_of,
)
from django_scim_provider.insight.at_a_glance.glances import glances
from django_scim_provider.insight.condition_texts import headline
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
)

if TYPE_CHECKING:
    from django_scim_provider.admin.connections import ProviderConnectionAdmin

PART = "part"
"""In the query: ask for the steps alone, as the script does that looks again."""
HINTS: dict[str, Any] = {
    "token": _("Make a token, and copy it when it is shown."),
    "request": _("Enter the address and the token in the identity provider, and test it there."),
    "user": _("Assign people to the application in the identity provider."),
    "group": _("If the identity provider sends groups, assign or push them there."),
    "deactivation": _(
        "Take a test person out of the assignment, and see that their access ends here."
    ),
}
MODELS: dict[str, Any] = {
    "token": SCIMToken,
    "request": ProvisioningEvent,
    "user": LinkedAccount,
    "group": ProvisionedGroup,
    "deactivation": LinkedAccount,
}
"""The lists behind the steps."""
NARROWED: dict[str, dict[str, str]] = {"deactivation": {"active__exact": "0"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStep:
    """A step of the set-up as its reader sees it."""

    title: Any
    done: bool
    is_next: bool
    hint: Any
    at: datetime | None
    address: str
    """The rows behind it; empty where the reader may not see them."""


class SetUpPage(ConnectionPage):
    """Ticks appear as requests arrive; a small script looks again, and a link does without it."""

    slug = "setup"
    title = _("Set-up")
    entry = title
    permission = "scim_provider.view_providerconnection"
    template = "django_scim_provider/admin/set_up.html"

    def is_offered(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Offer nothing to set up where the connection is closed for good."""
        return connection.decommissioned_at is None and super().is_offered(request, connection)

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Return the page, or of it what changes while somebody waits."""
        if request.GET.get(PART) != "steps":
            return self.render(request, connection)
        return TemplateResponse(
            request,
            "django_scim_provider/admin/set_up_progress.html",
            self.progress(request, connection),
        )

    def progress(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return the state in words, the steps, and whether to wait for more of them."""
        found, (glance,) = first_steps_of(connection), glances([connection])
        waits = not found.done and connection.is_usable
        address = self.address(connection)
        return {
            "glance": glance,
            "headline": headline(glance),
            "steps": self.steps(request, connection, found),
            "is_waiting": waits,
            "is_open": connection.is_usable,
            "look_again": address,
            "live_address": f"{address}?{PART}=steps",
        }

    def steps(
        self, request: HttpRequest, connection: ProviderConnection, found: FirstSteps
    ) -> list[SeenStep]:
        """Return the steps with their times, and a hint at the one that is next."""
        return [
            SeenStep(
                title=title,
                done=bool(getattr(found, name)),
                is_next=name == found.following,
                hint=HINTS[name] if name == found.following else "",
                at=getattr(found, name).at,
                address=self._list(request, connection, name) if getattr(found, name) else "",
            )
            for name, title in STEP_TITLES.items()
        ]

    def _list(self, request: HttpRequest, connection: ProviderConnection, name: str) -> str:
        site, model = self.model_admin.admin_site, MODELS[name]
        if not site.is_registered(model):
            return ""
        if not site.get_model_admin(model).has_view_permission(request):
            return ""
        return list_address(site, model, connection.provider_id, **NARROWED.get(name, {}))

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what is told while somebody waits, what to enter, and the table of attributes."""
        base_url, found = scim_root(request), instructions_for(connection.profile)
        progress = self.progress(request, connection)
        return {
            **progress,
            "subtitle": str(connection),
            "base_url": base_url,
            "tokens": progress["glance"].tokens,
            "has_settings_token": progress["glance"].has_settings_token,
            "token_page": self._token_page(request, connection),
            "instructions": [
                {"about": one, "fields": filled(one, base_url or "")} for one in found
            ],
            "attributes": [
                {"source": each.source, "target": each.target, "meaning": meaning_of(each.target)}
                for each in attribute_map(connection.profile)
            ],
            "note": attribute_note(connection.profile),
            "sends_groups": sends_groups(connection.profile),
            "is_extended": is_extended(),
        }

    def _token_page(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, str]:
        """Return the page that makes a token, if the reader may open it."""
        for page in cast("ProviderConnectionAdmin", self.model_admin).pages():
            if page.slug == "generate-token" and page.is_offered(request, connection):
                return {"title": page.title_for(connection), "address": page.address(connection)}
        return {}
