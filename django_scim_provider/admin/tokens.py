"""Tokens in the admin: everything but their secrets, and the page that revokes one."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.connection_filter import ConnectionListFilter
from django_scim_provider.admin.console.narrowed_list import ListOfConnections
from django_scim_provider.admin.console.navigation import console_of
from django_scim_provider.admin.ownership import is_kept_from
from django_scim_provider.models import SCIMToken
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.tokens.service import revoke_scim_token

REVOKE_PERMISSION = "scim_provider.revoke_scimtoken"
VIEW_CONNECTIONS = "scim_provider.view_providerconnection"


@admin.register(SCIMToken)
class SCIMTokenAdmin(ListOfConnections):
    """Tokens are made on the page of their connection and end by revocation; rows stay."""

    change_form_template = "django_scim_provider/admin/token.html"
    list_display = ("provider", "label", "lookup", "state", "expires_at", "last_used_at")
    tab = "tokens"
    when_empty = _(
        "There is no token, so the identity provider is refused. Generate one: the page “Settings” "
        "has the button."
    )
    list_filter = (ConnectionListFilter, "revoked_at")
    list_select_related = ("provider",)
    search_fields = ("provider__provider_id", "label", "lookup")
    fields: ClassVar = (
        "provider",
        "label",
        "lookup",
        "scopes",
        "state",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    readonly_fields = fields

    @admin.display(description=_("state"))
    def state(self, token: SCIMToken) -> str:
        """Return whether the token opens anything."""
        if token.revoked_at is not None:
            return gettext("revoked")
        if token.expires_at is not None and utc(token.expires_at) <= utc_now():
            return gettext("expired")
        return gettext("live")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a token is made on the page of its connection."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: there is nothing to change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a token is revoked, and stays to be read."""
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse to narrow the list by the stored secret.

        Django lets a query string look into any column of the model, so that what no page shows
        could be found out letter by letter.
        """
        if lookup.partition(LOOKUP_SEP)[0] == "secret":
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that revokes a token."""
        view = self.admin_site.admin_view(self.revoke)
        return [
            path("<path:object_id>/revoke/", view, name="scim_provider_scimtoken_revoke"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer the page that revokes the token to those who may."""
        offer = {"may_revoke": request.user.has_perm(REVOKE_PERMISSION)}
        return super().change_view(request, object_id, form_url, {**offer, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the navigation of the connection."""
        context |= self._console(request, kwargs.get("obj"))
        return super().render_change_form(request, context, *args, **kwargs)

    def _console(self, request: HttpRequest, token: SCIMToken | None) -> dict[str, Any]:
        """Return the navigation of a token's connection, for those who may see that."""
        if token is None or not request.user.has_perm(VIEW_CONNECTIONS):
            return {}
        return {"console": console_of(request, self.admin_site, token.provider, self.tab)}

    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask on GET; revoke on POST.

        Raises:
            PermissionDenied: the id of the connection is reserved.
        """
        token = self.object_for(request, object_id, REVOKE_PERMISSION)
        if is_kept_from(request.user, token.provider):
            raise PermissionDenied
        if request.method != "POST":
            told = gettext(
                "Whoever uses the token %(token)s is refused from the next request on. This cannot "
                "be undone."
            )
            context = {
                **self.page_context(request, token, _("Revoke the token")),
                "explanation": [told % {"token": token}],
                "button": gettext("Revoke the token"),
                "is_dangerous": True,
                **self._console(request, token),
            }
            return TemplateResponse(request, "django_scim_provider/admin/confirm.html", context)
        revoke_scim_token(token, actor=cast(AbstractBaseUser, request.user))
        self.log_change(request, token, "Revoked.")
        self.message_user(request, gettext("The token is revoked."), messages.SUCCESS)
        return HttpResponseRedirect(
            reverse("admin:scim_provider_scimtoken_changelist", current_app=self.admin_site.name)
        )
