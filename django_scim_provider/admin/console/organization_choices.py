"""Organizations, found by their names, for the form of connections."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Field
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.choosing_fields import FindingSelect
from django_scim_provider.conf import get_settings
from django_scim_provider.organizations.choosing import can_search, searched
from django_scim_provider.organizations.naming import organization_names

ROUTE = "scim_provider_providerconnection_organizations"
LIMIT = 20
"""Organizations that are offered at a time; typing more narrows them."""
MOST_TYPED = 128


def offer_organizations(form_field: Any, field: Field[Any, Any], site: AdminSite) -> None:
    """Make a field for the id of an organization one that finds it by its name.

    It stays a field to type in where the project's backend cannot search.
    """
    if not can_search(using=get_settings().DATABASE):
        return
    form_field.label = _("Organization")
    form_field.help_text = _("Found by its name. Leave it empty for a personal connection.")
    form_field.widget = FindingSelect(
        field,
        site,
        address=reverse(f"admin:{ROUTE}", current_app=site.name),
        names=lambda ids: {id: _shown(id, name) for id, name in organization_names(ids).items()},
    )
    form_field.widget.is_required = False


def organizations_route(model_admin: ModelAdmin[Any]) -> URLPattern:
    """Return the address that finds organizations, for those who may make connections."""

    def view(request: HttpRequest) -> JsonResponse:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        term = request.GET.get("term", "").replace("\x00", "").strip()[:MOST_TYPED]
        found = searched(term, LIMIT, using=get_settings().DATABASE) or {}
        results = [{"id": id, "text": _shown(id, name)} for id, name in found.items()]
        answer = {"results": results, "pagination": {"more": False}}
        return JsonResponse(answer, headers={"Cache-Control": "no-store, private"})

    return path("organizations/", model_admin.admin_site.admin_view(view), name=ROUTE)


def _shown(id: str, name: str) -> str:
    """Return a name with the id, by which two of the same name are told apart."""
    return name if name == id else f"{name} ({id})"
