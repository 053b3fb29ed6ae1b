"""The page that disables a connection, or enables it again."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.console.touched import asks_for_file, file_of, touched
from django_scim_provider.connections.consequences import of_disabling
from django_scim_provider.connections.decommission import remaining
from django_scim_provider.connections.lifecycle import switch_connection
from django_scim_provider.models import ProviderConnection


class SwitchPage(ConnectionPage):
    """Asks on GET, switches on POST."""

    slug = "switch"
    within = "settings"
    permission = "scim_provider.disable_providerconnection"
    template = "django_scim_provider/admin/confirm.html"
    manages = True

    def title_for(self, connection: ProviderConnection) -> str:
        """Return what the page does."""
        return gettext("Disable") if connection.enabled else gettext("Enable")

    def is_offered(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Offer no switch for a connection that is decommissioned."""
        return connection.decommissioned_at is None and super().is_offered(request, connection)

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what switching does."""
        if connection.enabled:
            told = [
                gettext(
                    "From the next request on, the identity provider is refused (401). Users, "
                    "groups and tokens stay as they are."
                ),
                gettext(
                    "Nobody loses access by it, and nobody gains any: who joins has no account "
                    "here, and who leaves keeps theirs, until the connection is enabled again and "
                    "the identity provider repeats what was refused."
                ),
                gettext("Enabled again, the connection works with the tokens that it has."),
            ]
            left = remaining(connection)
            return {
                "explanation": told,
                "touched": touched(
                    request,
                    of_disabling(connection),
                    left.total - left.released,
                    self.people_address(connection),
                ),
                "is_dangerous": True,
                "button": gettext("Disable the connection"),
            }
        told = [gettext("The tokens that are neither revoked nor expired work again.")]
        return {"explanation": told, "button": gettext("Enable the connection")}

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Ask, or switch and go back."""
        if asks_for_file(request):
            ids = [connection.provider_id]
            return cast(HttpResponse, file_of(request, "disabled", of_disabling(connection), ids))
        if request.method != "POST":
            return self.render(request, connection)
        enabled = not connection.enabled
        switch_connection(connection, enabled=enabled, actor=self.actor(request))
        self.model_admin.log_change(request, connection, "Enabled." if enabled else "Disabled.")
        told = (
            gettext("The connection is enabled.")
            if enabled
            else gettext("The connection is disabled.")
        )
        self.model_admin.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.model_admin.address_of(connection))
