"""What is kept of people: of one connection, and of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.connection_pages.connection_page import ConnectionPage
from django_scim_provider.admin.console.navigation import list_address
from django_scim_provider.insight.privacy.told import ToldData, told_of
from django_scim_provider.models import ProviderConnection

if TYPE_CHECKING:
    from django_scim_provider.admin.ownership import OwnedAdmin

TITLE = _("What is kept of people")
TEMPLATE = "django_scim_provider/admin/privacy.html"


class PrivacyPage(ConnectionPage):
    """Reads only; the number of statements is the same for any number of rows."""

    slug = "privacy"
    title = TITLE
    entry = _("Privacy")
    permission = "scim_provider.view_providerconnection"
    template = TEMPLATE

    def context(self, request: HttpRequest, connection: ProviderConnection) -> dict[str, Any]:
        """Return what is kept of the connection's people, with links to the rows."""
        provider_id = connection.provider_id
        told, site = told_of(provider_id), self.model_admin.admin_site
        return {"kinds": _linked(request, site, told, provider_id), "of_one": True}


class OverallPrivacyPage:
    """The same of all connections; numbers are for superusers, who see all of them."""

    name = "scim_provider_providerconnection_overall_privacy"

    def __init__(self, model_admin: OwnedAdmin) -> None:
        self.model_admin = model_admin

    def route(self) -> URLPattern:
        """Return the route."""
        view = self.model_admin.admin_site.admin_view(self.view)
        return path("privacy/", view, name=self.name)

    def view(self, request: HttpRequest) -> HttpResponse:
        """Show the page.

        Raises:
            PermissionDenied: the reader may not see connections.
        """
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        site = self.model_admin.admin_site
        request.current_app = site.name
        told = told_of(counts=bool(request.user.is_superuser))
        context = {
            **site.each_context(request),
            "opts": self.model_admin.opts,
            "title": str(TITLE),
            "kinds": _linked(request, site, told, None),
        }
        return TemplateResponse(request, "django_scim_provider/admin/privacy_of_all.html", context)


def _linked(
    request: HttpRequest, site: AdminSite, told: list[ToldData], provider_id: str | None
) -> list[tuple[ToldData, str]]:
    """Return each kind with the address of its rows, where the reader may open that list."""
    return [(each, _address(request, site, each.model, provider_id)) for each in told]


def _address(request: HttpRequest, site: AdminSite, name: str, provider_id: str | None) -> str:
    if not name:
        return ""
    model = apps.get_model("scim_provider", name)
    if not site.is_registered(model):
        return ""
    if not site.get_model_admin(model).has_view_permission(request):
        return ""
    if provider_id is not None:
        return list_address(site, model, provider_id)
    return reverse(f"admin:scim_provider_{name}_changelist", current_app=site.name)
