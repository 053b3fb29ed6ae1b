"""The page that makes a token of a connection and shows it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.pages import ConnectionPage
from django_scim_provider.models import ProviderConnection
from django_scim_provider.services.scopes import all_scopes
from django_scim_provider.services.tokens import generate_scim_token

MAX_DAYS = 3660
MAX_OVERLAP_HOURS = 24 * 31


class TokenForm(forms.Form):
    """What a new token is like."""

    label = forms.CharField(label=_("Label"), max_length=255, required=False)
    expires_in = forms.IntegerField(
        label=_("Valid for days"), min_value=1, max_value=MAX_DAYS, required=False
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=lambda: [(scope, scope) for scope in all_scopes()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None of them means all of them."),
    )
    overlap = forms.IntegerField(
        label=_("Hours that earlier tokens stay valid"),
        min_value=1,
        max_value=MAX_OVERLAP_HOURS,
        required=False,
        help_text=_("Empty: they stop working at once."),
    )

    def arguments(self) -> dict[str, Any]:
        """Return the answers as ``generate_scim_token`` takes them."""
        days, hours = self.cleaned_data["expires_in"], self.cleaned_data["overlap"]
        return {
            "label": self.cleaned_data["label"],
            "scopes": self.cleaned_data["scopes"],
            "expires_in": timedelta(days=days) if days else None,
            "overlap": timedelta(hours=hours) if hours else None,
        }


class TokenPage(ConnectionPage):
    """Asks on GET; on POST makes the token and shows it this once, on a page that is not stored."""

    slug = "generate-token"
    title = _("Generate a token")
    permission = "scim_provider.add_scimtoken"
    template = "django_scim_provider/admin/generate_token.html"

    @sensitive_variables("wire", "shown")
    def respond(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        """Show the form, or the token."""
        shown: dict[str, Any] = {}
        form = TokenForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                token, wire = generate_scim_token(
                    connection.provider_id,
                    created_by=cast(AbstractBaseUser, request.user),  # the admin knows its users
                    **form.arguments(),
                )
            except (ValidationError, PermissionDenied) as error:
                form.add_error(None, ValidationError(_reasons(error)))
            else:
                self.model_admin.log_change(request, connection, f"Generated token {token.lookup}.")
                shown = {"token": token, "wire": wire}
        return self.render(request, connection, form=form, **shown)


def _reasons(error: ValidationError | PermissionDenied) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
