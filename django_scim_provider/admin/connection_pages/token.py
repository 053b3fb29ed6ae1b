"""The page that makes or rotates a token of a connection and shows it once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.connection_pages.set_up_page import SetUpPage
from django_scim_provider.admin.recent_log_in import is_recent, send_to_log_in
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.base_url import scim_root
from django_scim_provider.connections.forms.token_form import BaseTokenForm
from django_scim_provider.connections.instructions import filled, instructions_for
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.keys import uuid7
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.service import generate_scim_token


class TokenForm(BaseTokenForm):
    """What a new token is like."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=lambda: [(scope, scope) for scope in all_scopes()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Select none to grant all scopes."),
    )

    def arguments(self) -> dict[str, Any]:
        """Add the scopes."""
        return {**super().arguments(), "scopes": self.cleaned_data["scopes"]}


class TokenPage(ConnectionPage):
    """Asks on GET; on POST makes the token and shows it this once, on a page that is not stored.

    The form names the key of the token, so that a page that is reloaded, which sends the form
    again, neither shows the token again nor makes another one.
    """

    slug = "generate-token"
    within = "tokens"
    template = "django_scim_provider/admin/generate_token.html"
    manages = True

    def title_for(self, connection: ProviderConnection) -> str:
        """Return what the page does: a connection that has a token gets another one."""
        return gettext("Rotate the token") if has_live(connection) else gettext("Generate a token")

    def permission_for(self, connection: ProviderConnection) -> str:
        """Return the permission to rotate where there is a token, else the one to add."""
        name = "rotate_scimtoken" if has_live(connection) else "add_scimtoken"
        return f"scim_provider.{name}"

    def is_offered(self, request: HttpRequest, connection: ProviderConnection) -> bool:
        """Offer no token of a connection that is decommissioned."""
        return connection.decommissioned_at is None and super().is_offered(request, connection)

    def view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Look first whether the form was sent before: by now there is a token to rotate."""
        key = TokenForm.base_fields["key"]
        try:
            sent = key.clean(request.POST.get("key"))
        except ValidationError:
            sent = None
        rows = SCIMToken.objects.using(get_settings().DATABASE).select_related("provider")
        made = rows.filter(pk=sent, created_by=request.user.pk).first() if sent else None
        if made is not None:
            return self.refuse_repetition(request, made.provider)
        return super().view(request, object_id)

    @sensitive_variables("wire")
    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Show the form, or the token; to a log-in of long ago the way to another one.

        Raises:
            PermissionDenied: the connection is decommissioned.
        """
        if connection.decommissioned_at is not None:
            raise PermissionDenied
        rotates = has_live(connection)
        if "log_in" in request.POST:
            site = self.model_admin.admin_site
            return send_to_log_in(request, site, self.address(connection))
        if not is_recent(request):
            answer = self.render(request, connection, rotates=rotates, asks_for_log_in=True)
            answer.status_code = 200 if request.method in ("GET", "HEAD") else 403
            return answer
        if request.method != "POST":
            form = TokenForm(initial={"key": uuid7()}, rotates=rotates)
            return self.render(request, connection, form=form, rotates=rotates)
        form = TokenForm(request.POST, rotates=rotates)
        if form.is_valid():
            try:
                token, wire = self.generate(request, connection, **form.arguments())
            except (ValidationError, PermissionDenied) as error:
                form.add_error(None, ValidationError(reasons(error)))
            else:
                return self.show(request, connection, token, wire)
        return self.render(request, connection, form=form, rotates=rotates)

    def generate(
        self, request: HttpRequest, connection: ProviderConnection, **options: Any
    ) -> tuple[SCIMToken, str]:
        """Return a new token and its wire form; raises as ``generate_scim_token``."""
        made = generate_scim_token(
            connection.provider_id,
            created_by=self.actor(request),
            **options,
        )
        self.model_admin.log_change(request, connection, f"Generated token {made[0].lookup}.")
        return made

    @sensitive_variables("wire")
    def show(
        self, request: HttpRequest, connection: ProviderConnection, token: SCIMToken, wire: str
    ) -> HttpResponse:
        """Return the page with the token and what to enter where."""
        base_url = scim_root(request)
        found = [
            {"about": one, "fields": filled(one, base_url or "")}
            for one in instructions_for(connection.profile)
        ]
        shown = {
            "title": gettext("The new token"),
            "token": token,
            "wire": wire,
            "base_url": base_url,
            "instructions": found,
            "set_up": self.set_up(connection),
        }
        response = self.render(request, connection, **shown)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def set_up(self, connection: ProviderConnection) -> str:
        """Return the address of the page on which to wait for the first request."""
        return SetUpPage(self.model_admin).address(connection)

    def refuse_repetition(
        self, request: HttpRequest, connection: ProviderConnection
    ) -> HttpResponse:
        """Go on to the set-up of the connection of a form that was sent before."""
        text = gettext("The token was shown once and is not shown again. Rotate it if it was lost.")
        self.model_admin.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(self.set_up(connection))


def has_live(connection: ProviderConnection) -> bool:
    """Tell whether the connection has a token that is neither revoked nor expired."""
    rows = SCIMToken.objects.using(get_settings().DATABASE)
    return rows.filter(provider=connection).live().exists()


def reasons(error: ValidationError | PermissionDenied) -> list[str]:
    """Return what to tell of a refusal."""
    return error.messages if isinstance(error, ValidationError) else [str(error)]
