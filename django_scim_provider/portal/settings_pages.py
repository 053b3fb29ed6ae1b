"""The name of a connection, whether it is enabled, and its end."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.connections.consequences import FIRST, of_decommission
from django_scim_provider.connections.decommission import remaining
from django_scim_provider.connections.forms.typed_id_form import TypedIdForm
from django_scim_provider.insight.downloads import ACTIONS, Export, csv_answer
from django_scim_provider.insight.numbers_told import whole_up_to_most
from django_scim_provider.models import LinkedAccount
from django_scim_provider.portal.page import PortalConnectionPage
from django_scim_provider.validators import MAX_NOTE_LENGTH

LIMIT = 1000
"""People that one request releases, so that it ends before a proxy gives up."""
FILE_HEADER = ("user_name", "external_id", "what_happens")


class RenameForm(forms.Form):
    """The name of a connection."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NOTE_LENGTH)


class PortalSettingsPage(PortalConnectionPage):
    """Says what each change does; the button pressed says which one it is."""

    template = "django_scim_provider/portal/settings.html"
    title = _("Settings")
    section = "settings"
    for_closed = True

    def context(self) -> dict[str, Any]:
        """Return the form for the name, and what is left to do of a closing."""
        left = remaining(self.connection) if self.is_closed else None
        return {
            "form": RenameForm(initial={"name": self.connection.name}),
            "left": left.total - left.released if left is not None else 0,
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Rename, enable or disable."""
        provider_id, action = self.connection.provider_id, request.POST.get("action")
        if action in ("enable", "disable"):
            self.management.switch(provider_id, enabled=action == "enable")
            return self.go_to("settings", done=f"{action}d")
        form = RenameForm(request.POST)
        if not form.is_valid():
            return self.show(form=form, status=400)
        self.management.rename(provider_id, form.cleaned_data["name"])
        return self.go_to("settings", done="renamed")


class CloseForm(TypedIdForm):
    """What is to become of the people, and the id of the connection as confirmation."""

    keep_access = forms.BooleanField(
        label=_("Let people keep their access and memberships"), required=False
    )
    provider_id = forms.CharField(label=_("Id of the connection"))


class PortalClosePage(PortalConnectionPage):
    """Says whom it touches on GET; on POST closes the connection and releases ``LIMIT`` people.

    It is sent again until none is left.
    """

    template = "django_scim_provider/portal/close.html"
    title = _("Close the connection")
    section = "settings"
    needs_recent_login = True
    changes = True
    for_closed = True

    def context(self) -> dict[str, Any]:
        """Return how many people are released, the first of them, and whether oneself is one."""
        rows = LinkedAccount.objects.using(self.management.using).of(self.connection.provider_id)
        left = rows.filter(released_at=None)
        number = left.count()
        return {
            "form": CloseForm(expected=self.connection.provider_id),
            "left": number,
            "left_shown": whole_up_to_most(number),
            "first": of_decommission(self.connection).first(),
            "more": max(0, number - FIRST),
            "is_among_them": left.filter(user=self.person.pk).exists(),
        }

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the page, or answer with everybody as a file."""
        if "csv" not in request.GET:
            return super().get(request, **kwargs)
        rows = (
            (each.account.user_name, each.account.external_id, each.words_without_reasons)
            for each in of_decommission(self.connection).each()
        )
        ids = [self.connection.provider_id]
        export = Export(ACTIONS.EXPORT_CONSEQUENCES, ids, self.person)
        return cast(HttpResponse, csv_answer("closing", FILE_HEADER, rows, export))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do as much as fits into a request."""
        form = CloseForm(request.POST, expected=self.connection.provider_id)
        if not form.is_valid():
            return self.show(form=form, status=400)
        done = self.management.decommission(
            self.connection.provider_id,
            keep_access=form.cleaned_data["keep_access"],
            limit=LIMIT,
        )
        self.connection.refresh_from_db()
        if done.released < done.total:
            again = CloseForm(form.cleaned_data, expected=self.connection.provider_id)
            return self.show(form=again)
        return self.go_to("settings", done="closed")
