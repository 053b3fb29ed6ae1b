"""The list of mappings, and what those read who may not change them."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.connection_filter import ConnectionListFilter
from django_scim_provider.admin.console.narrowed_list import ListOfConnections
from django_scim_provider.admin.console.navigation import PARAMETER
from django_scim_provider.admin.mapping_pages.mapping_words import (
    MappingList,
    group_in_words,
    role_in_words,
    sees_groups,
    state_in_words,
)
from django_scim_provider.models import RoleMapping

TO_READ = ("connection", "group_shown", "gives", "state_shown")
MatchBy = RoleMapping.MatchBy
KINDS = {
    MatchBy.ID: _("one group"),
    MatchBy.EXTERNAL_ID: _("one group, by its externalId"),
    MatchBy.DISPLAY_NAME: _("groups of one name"),
    MatchBy.ATTRIBUTE: _("attribute of the person"),
    MatchBy.EVERYONE: _("everybody"),
}


class SourceFilter(admin.ChoicesFieldListFilter):
    """Narrows mappings by who gets the role, in words instead of names of attributes."""

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        field = copy(field)
        field.choices = list(KINDS.items())
        super().__init__(field, *args, **kwargs)
        self.title = _("kind")


class ListOfMappings(ListOfConnections):
    """Mappings in words, each with whether it is in force."""

    list_display = ("group_shown", "provider", "gives", "state_shown")
    tab = "roles"
    when_empty = _(
        "Nothing gives a role yet. Add a mapping here, or press “Map this group” on the page of a "
        "group."
    )
    list_filter = (ConnectionListFilter, ("match_by", SourceFilter))
    list_select_related = ("provider", "django_group")
    search_fields = ("provider__provider_id", "attribute", "value", "django_group__name")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the connection out where all rows are of one."""
        shown = super().get_list_display(request)
        return [name for name in shown if name != "provider" or not request.GET.get(PARAMETER)]

    @admin.display(description=_("who"), ordering="value")
    def group_shown(self, mapping: RoleMapping) -> str:
        """Return the name of the group, or which people it is about."""
        return group_in_words(mapping, sees_groups=getattr(mapping, "sees_groups", False))

    @admin.display(description=_("connection"))
    def connection(self, mapping: RoleMapping) -> str:
        """Return what people call the connection."""
        return str(mapping.provider)

    @admin.display(description=_("gives"))
    def gives(self, mapping: RoleMapping) -> str:
        """Return what they get."""
        return role_in_words(mapping)

    @admin.display(description=_("state"))
    def state_shown(self, mapping: RoleMapping) -> str:
        """Return whether the mapping is in force, or why not."""
        return state_in_words(mapping)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list that knows states."""
        return MappingList

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return a mapping that knows whether its reader sees groups."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.sees_groups = sees_groups(request)
        return found
