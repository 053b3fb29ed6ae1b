"""Lists of the admin that can be narrowed to one connection, and then show its navigation."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from django_scim_provider.admin.console.navigation import (
    PARAMETER,
    connection_asked_for,
    console_of,
)
from django_scim_provider.admin.ownership import OwnedAdmin


class ListOfConnections(OwnedAdmin):
    """A list with the navigation of the connection that it is narrowed to."""

    change_list_template = "django_scim_provider/admin/console/list.html"
    tab: ClassVar[str]
    """The slug of the list in the navigation."""
    when_empty: ClassVar[Any] = ""
    """Translatable; what to do where a connection has none of these rows yet."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the navigation beside the rows."""
        connection = connection_asked_for(request)
        if connection is None:
            return super().changelist_view(request, extra_context)
        console = console_of(request, self.admin_site, connection, self.tab)
        narrowed_further = set(request.GET) != {PARAMETER}
        more = {
            "console": console,
            "title": next((each.title for each in console.entries if each.is_current), ""),
            "when_empty": "" if narrowed_further else self.when_empty,
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})
