"""The page that closes a connection for good and releases its users."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.console.touched import asks_for_file, file_of, touched
from django_scim_provider.connections.consequences import of_decommission
from django_scim_provider.connections.decommission import decommission, remaining
from django_scim_provider.connections.forms.typed_id_form import TypedIdForm
from django_scim_provider.models import ProviderConnection

LIMIT = 1000
"""Users that one request releases, so that it ends before a proxy gives up."""


class DecommissionForm(TypedIdForm):
    """What is to become of the users, and the id of the connection as confirmation."""

    keep_access = forms.BooleanField(
        label=_("Leave access and memberships as they are"), required=False
    )
    provider_id = forms.CharField(
        label=_("Provider id"), help_text=_("Type the id of the connection to confirm.")
    )


class DecommissionPage(ConnectionPage):
    """Asks on GET; on POST closes the connection at once and releases up to ``LIMIT`` users.

    It is sent again until none is left; ``scim_decommission`` does it all in one run.
    """

    slug = "decommission"
    within = "settings"
    title = _("Decommission")
    permission = "scim_provider.decommission_providerconnection"
    template = "django_scim_provider/admin/confirm.html"
    manages = True

    def is_offered(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Offer it until every user is released."""
        offered = super().is_offered(request, connection)
        if not offered or connection.decommissioned_at is None:
            return offered
        left = remaining(connection)
        return left.released < left.total

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what decommissioning does, and how far it is."""
        done = remaining(connection)
        left = done.total - done.released
        told = [
            gettext(
                "All tokens end at once and for good, and the connection releases its users: "
                "users whom no other connection keeps active are deactivated and lose their "
                "membership of the connection's organization. Accounts and groups are kept as a "
                "record, and no user is deleted."
            ),
            gettext(
                "Staff, the owner of the connection and the last owner of the organization are "
                "left alone. Roles that people have by groups of the connection are taken back in "
                "any case."
            ),
        ]
        started = connection.decommissioned_at is not None
        if started:
            told.append(
                ngettext(
                    "%(left)d user remains to be released.",
                    "%(left)d users remain to be released.",
                    left,
                )
                % {"left": left}
            )
        return {
            "explanation": told,
            "touched": touched(
                request, of_decommission(connection), left, self.people_address(connection)
            ),
            "typed": connection.provider_id,
            "is_dangerous": True,
            "button": gettext("Continue") if started else gettext("Decommission the connection"),
        }

    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Ask, or do as much as fits into a request."""
        if asks_for_file(request):
            everybody, ids = of_decommission(connection), [connection.provider_id]
            return cast(HttpResponse, file_of(request, "decommission", everybody, ids))
        provider_id = connection.provider_id
        form = DecommissionForm(request.POST or None, expected=provider_id)
        if request.method != "POST" or not form.is_valid():
            return self.render(request, connection, form=form)
        done = decommission(
            connection,
            keep_access=form.cleaned_data["keep_access"],
            limit=LIMIT,
            actor=self.actor(request),
        )
        if done.released < done.total:
            again = DecommissionForm(form.cleaned_data, expected=provider_id)
            return self.render(request, connection, form=again)
        self.model_admin.log_change(request, connection, "Decommissioned.")
        told = ngettext(
            "The connection is decommissioned; %(total)d user was released.",
            "The connection is decommissioned; %(total)d users were released.",
            done.total,
        )
        self.model_admin.message_user(request, told % {"total": done.total}, messages.SUCCESS)
        return HttpResponseRedirect(self.model_admin.address_of(connection))
