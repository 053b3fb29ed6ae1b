"""Connections in the admin, and the page that makes a token and shows it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.ownership import OwnedAdmin
from django_scim_provider.models import ProviderConnection
from django_scim_provider.services.scopes import all_scopes
from django_scim_provider.services.tokens import generate_scim_token, revoke_connection_tokens

GENERATE_PERMISSION = "scim_provider.add_scimtoken"
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


@admin.register(ProviderConnection)
class ProviderConnectionAdmin(OwnedAdmin):
    """What a connection belongs to is fixed when it is made; it is disabled, never deleted."""

    owner_path = "owner"
    change_form_template = "django_scim_provider/admin/connection.html"
    list_display = ("provider_id", "name", "organization_id", "owner", "profile", "enabled")
    list_filter = ("enabled", "profile")
    list_select_related = ("owner",)
    search_fields = ("provider_id", "name", "organization_id")
    raw_id_fields = ("owner",)
    fields: ClassVar = ("provider_id", "organization_id", "owner", "name", "profile", "enabled")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix the ids of a connection that exists; only superusers name owners."""
        ids = ("provider_id", "organization_id") if obj is not None else ()
        return ids if request.user.is_superuser else (*ids, "owner")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: who registered a freed id would inherit the accounts of another tenant."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the user the owner of a new connection; a change of hands ends its tokens."""
        if not change and not request.user.is_superuser:
            obj.owner = request.user
        super().save_model(request, obj, form, change)
        if change and "owner" in form.changed_data:
            revoke_connection_tokens(obj)
            self.message_user(
                request,
                gettext("The connection has another owner; its tokens were revoked."),
                messages.WARNING,
            )

    def get_urls(self) -> list[URLPattern]:
        """Add the page that makes a token."""
        view = self.admin_site.admin_view(self.generate_token)
        name = "scim_provider_providerconnection_generate_token"
        return [path("<path:object_id>/generate-token/", view, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer the page that makes a token to those who may."""
        offer = {"may_generate_token": request.user.has_perm(GENERATE_PERMISSION)}
        return super().change_view(request, object_id, form_url, {**offer, **(extra_context or {})})

    @sensitive_variables("wire", "context")
    def generate_token(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask on GET; on POST make the token and show it this once, on a page that is not
        stored."""
        connection = self.object_for(request, object_id, GENERATE_PERMISSION)
        context = self.page_context(request, connection, _("Generate a token"))
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
                self.log_change(request, connection, f"Generated token {token.lookup}.")
                context |= {"token": token, "wire": wire}
        return TemplateResponse(
            request, "django_scim_provider/admin/generate_token.html", {**context, "form": form}
        )


def _reasons(error: ValidationError | PermissionDenied) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
