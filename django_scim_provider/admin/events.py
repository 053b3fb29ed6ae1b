"""Events in the admin, to read and to export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import DateFieldListFilter, ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.accounts import ReadOnlyAdmin
from django_scim_provider.admin.event_lists import (
    ActionFilter,
    CappedPaginator,
    ConnectionListFilter,
    EventList,
    ResourceTypeFilter,
    add_addresses,
)
from django_scim_provider.insight.export import csv_lines
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.resource_ids import is_id


@admin.register(ProvisioningEvent)
class ProvisioningEventAdmin(ReadOnlyAdmin):
    """What happened is a record: nobody adds to it, changes it or deletes from it here."""

    change_list_template = "django_scim_provider/admin/events.html"
    list_display = (
        "at",
        "connection",
        "action_name",
        "resource",
        "outcome",
        "status",
        "scim_type",
        "changed_names",
        "left_out_names",
        "request_id",
    )
    list_filter = (
        ConnectionListFilter,
        "outcome",
        ActionFilter,
        ResourceTypeFilter,
        ("at", DateFieldListFilter),
    )
    list_per_page = 100
    ordering = ("-pk",)
    sortable_by = ("at",)
    search_fields = ("resource_id", "request_id")  # that there is a search; see below
    search_help_text = _("A resource id or a request id, in full.")
    show_facets = ShowFacets.NEVER
    paginator = CappedPaginator
    fields: ClassVar = (
        "at",
        "connection",
        "token_id",
        "actor",
        "action_name",
        "resource",
        "outcome",
        "status",
        "scim_type",
        "changed_names",
        "left_out_names",
        "request_id",
        "duration",
    )
    readonly_fields = fields

    @admin.display(description=_("connection"))
    def connection(self, event: Any) -> str:
        """Return the id of the connection, as a link for those who may follow it."""
        return _linked(getattr(event, "connection_address", None), event.provider_id)

    @admin.display(description=_("resource"))
    def resource(self, event: Any) -> str:
        """Return the resource type and id, as a link where the resource is still there."""
        shown = f"{event.resource_type} {event.resource_id}".strip()
        return _linked(getattr(event, "resource_address", None), shown)

    @admin.display(description=_("action"), ordering="action")
    def action_name(self, event: ProvisioningEvent) -> str:
        """Return the action in the reader's language, where it is one of the known."""
        known = event.action in ProvisioningEvent.Action
        return str(ProvisioningEvent.Action(event.action).label) if known else event.action

    @admin.display(description=_("changed attributes"))
    def changed_names(self, event: ProvisioningEvent) -> str:
        """Return the names of the attributes with room to break lines."""
        return event.changed.replace(",", ", ")

    @admin.display(description=_("unknown attributes"))
    def left_out_names(self, event: ProvisioningEvent) -> str:
        """Return the names of what was left out with room to break lines."""
        return event.left_out.replace(",", ", ")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: ``scim_prune_events`` deletes by age."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list that knows addresses."""
        return EventList

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return an event that knows its addresses."""
        event = super().get_object(request, object_id, from_field)
        if event is not None:
            add_addresses(request, self.admin_site, [event])
        return event

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by one whole id, since both columns have an index.

        A resource id may be spelled in capitals.
        """
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        spelled = {term, term.lower()} if is_id(term.lower()) else {term}
        return queryset.filter(Q(resource_id__in=spelled) | Q(request_id=term)), False

    def get_urls(self) -> list[URLPattern]:
        """Add the export."""
        view = self.admin_site.admin_view(self.export)
        name = "scim_provider_provisioningevent_export"
        return [path("export/", view, name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with what the list shows under the same query, all pages of it, as CSV.

        Raises:
            PermissionDenied: the reader may not see events.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            events = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            name = "admin:scim_provider_provisioningevent_changelist"
            address = reverse(name, current_app=self.admin_site.name)
            return HttpResponseRedirect(f"{address}?{ERROR_FLAG}=1")
        today = utc_now().date().isoformat()
        return StreamingHttpResponse(
            csv_lines(events),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="scim-events-{today}.csv"',
                "Cache-Control": "no-store, private",
            },
        )


def _linked(address: str | None, text: str) -> str:
    return format_html('<a href="{}">{}</a>', address, text) if address and text else text
