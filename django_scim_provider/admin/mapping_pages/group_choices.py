"""The groups of one connection, found by their names, for the form of mappings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin.sites import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from django_scim_provider.admin.console.choosing_fields import FindingSelect
from django_scim_provider.admin.console.navigation import PARAMETER
from django_scim_provider.admin.mapping_pages.handing_out import connection_to_map
from django_scim_provider.admin.ownership import searchable
from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.models import (
    GroupMember,
    ProviderConnection,
    ProvisionedGroup,
    RoleMapping,
)

ROUTE = "scim_provider_rolemapping_groups"


class GroupChoices(AutocompleteJsonView):
    """Answers with the groups of the connection that the address names."""

    connection: ProviderConnection

    def process_request(self, request: HttpRequest) -> tuple[str, Any, Any, str]:
        """Return what is looked for, and where.

        Raises:
            PermissionDenied: the reader may not map groups of the connection.
        """
        site: AdminSite = self.admin_site  # type: ignore[assignment]  # the view is given one
        mappings: Any = site.get_model_admin(RoleMapping)
        may = mappings.has_add_permission(request) or mappings.has_change_permission(request)
        connection = connection_to_map(request.user, request.GET.get(PARAMETER))
        if connection is None or not may:
            raise PermissionDenied
        self.connection = connection
        term = searchable(request.GET.get("term", ""))
        model_admin = site.get_model_admin(ProvisionedGroup)
        return term, model_admin, GroupMember._meta.get_field("group"), "id"

    def get_queryset(self) -> QuerySet[ProvisionedGroup]:
        """Return the groups whose names hold what is typed, by their names."""
        rows = groups_of(self.connection.provider_id)
        term = fold(self.term.strip())
        found = rows.filter(display_name_key__contains=term) if term else rows
        return found.order_by("display_name_key", "pk")


def groups_of(provider_id: str) -> QuerySet[ProvisionedGroup]:
    """Return the groups of a connection, without their resources."""
    rows = ProvisionedGroup.objects.using(get_settings().DATABASE)
    return rows.of(provider_id).defer("resource")


def group_with_key(provider_id: str, key: Any) -> ProvisionedGroup | None:
    """Return a group of a connection by its key, as an address or a form names it."""
    try:
        found = UUID(str(key))
    except ValueError:
        return None
    return groups_of(provider_id).filter(pk=found).first()


def group_select(
    site: AdminSite, provider_id: str, chosen: ProvisionedGroup | None
) -> FindingSelect:
    """Return the box that finds groups of a connection."""
    address = reverse(f"admin:{ROUTE}", current_app=site.name)
    field = GroupMember._meta.get_field("group")
    return FindingSelect(
        field,
        site,
        address=f"{address}?{urlencode({PARAMETER: provider_id})}",
        names=lambda _: {} if chosen is None else {str(chosen.pk): chosen.display_name},
    )
