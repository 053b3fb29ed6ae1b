"""Connections in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext

from django_scim_provider.admin.ownership import OwnedAdmin
from django_scim_provider.admin.pages import ConnectionPage
from django_scim_provider.admin.token_page import TokenPage
from django_scim_provider.models import ProviderConnection
from django_scim_provider.services.tokens import revoke_connection_tokens

PAGES: tuple[type[ConnectionPage], ...] = (TokenPage,)
"""The pages of a connection beside Django's, in the order of their links."""


@admin.register(ProviderConnection)
class ProviderConnectionAdmin(OwnedAdmin):
    """What a connection belongs to is fixed when it is made; it is disabled, never deleted."""

    connection_path = ""
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
        """Add the pages of a connection."""
        return [*(page.route() for page in self.pages()), *super().get_urls()]

    def pages(self) -> list[ConnectionPage]:
        """Return the pages of a connection, in the order of their links."""
        return [page(self) for page in PAGES]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Link to the pages that the reader may open."""
        found = self.get_object(request, unquote(object_id))
        links = [
            {"title": page.title, "address": page.address(found)}
            for page in self.pages()
            if found is not None and page.is_offered(request, found)
        ]
        more = {"scim_pages": links, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, more)
