"""Events in the admin, to read and to export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.accounts import ReadOnlyAdmin
from django_scim_provider.admin.console.connection_filter import ConnectionListFilter
from django_scim_provider.admin.console.touched import taken_by
from django_scim_provider.admin.event_pages.event_filters import (
    ActionFilter,
    ByFilter,
    DayFilter,
    FailureFilter,
    OutcomeFilter,
    ResourceTypeFilter,
)
from django_scim_provider.admin.event_pages.event_lists import CappedPaginator, EventList
from django_scim_provider.admin.event_pages.event_words import (
    id_to_copy,
    moment_of,
    names_in,
    outcome_of,
    what_happened,
)
from django_scim_provider.admin.event_pages.one_event import OneEvent
from django_scim_provider.admin.event_pages.told_events import EventTeller, ToldEvent
from django_scim_provider.admin.ownership import not_of_others
from django_scim_provider.insight.downloads import ACTIONS, csv_answer
from django_scim_provider.insight.event_search import events_matching
from django_scim_provider.insight.export import FIELDS, event_rows
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.models.keys import uuid7


@admin.register(ProvisioningEvent)
class ProvisioningEventAdmin(OneEvent, ReadOnlyAdmin):
    """What happened is a record: nobody adds to it, changes it or deletes from it here."""

    change_list_template = "django_scim_provider/admin/events/list.html"
    tab = "events"
    list_display = ("who", "what", "ended", "by", "connection", "moment", "request_short")
    list_display_links = None
    list_filter = (
        DayFilter,
        ConnectionListFilter,
        ActionFilter,
        OutcomeFilter,
        ByFilter,
        ResourceTypeFilter,
        FailureFilter,
    )
    list_per_page = 100
    list_select_related = ("provider",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("resource_id", "request_id")  # that there is a search; see below
    search_help_text = _(
        "A user name, the name of a group or an externalId in full; or an id, a request id, or how "
        "it begins."
    )
    show_facets = ShowFacets.NEVER
    paginator = CappedPaginator

    class Media:
        """Copies ids."""

        css: ClassVar = {"all": ("django_scim_provider/admin.css",)}
        js: ClassVar = ("django_scim_provider/copy_ids.js",)

    @admin.display(description=_("who"))
    def who(self, event: Any) -> str:
        """Return whom it is about, as a link for those who may follow it."""
        told: ToldEvent = event.told
        name = format_html('<span class="scim-gone">{}</span>', told.who.text)
        return name if told.is_gone else told.who.link

    @admin.display(description=_("what"))
    def what(self, event: Any) -> str:
        """Return what was done, as a link to the event."""
        return format_html(
            '<a href="{}" title="{}">{}</a>',
            self.address_of(event),
            ", ".join(names_in(event.changed or event.left_out)),
            what_happened(event),
        )

    @admin.display(description=_("outcome"))
    def ended(self, event: Any) -> str:
        """Return how it ended, with a link to the failure where there is one."""
        failure = event.told.failure
        if failure is None or not failure.address:
            return outcome_of(event)
        told = gettext("Read why: %s") % failure.text
        return format_html(
            '<a href="{}" title="{}">{}</a>', failure.address, told, outcome_of(event)
        )

    @admin.display(description=_("by"))
    def by(self, event: Any) -> str:
        """Return who did it: a token of an identity provider, a person, or the project."""
        told: ToldEvent = event.told
        return told.by.link

    @admin.display(description=_("connection"))
    def connection(self, event: Any) -> str:
        """Return the connection, as a link for those who may follow it."""
        told: ToldEvent = event.told
        return told.connection.link

    @admin.display(description=_("time"))
    def moment(self, event: Any) -> str:
        """Return when it was."""
        return moment_of(event.at)

    @admin.display(description=_("request"))
    def request_short(self, event: Any) -> str:
        """Return the id of the request."""
        return id_to_copy(event.request_id) if event.request_id else ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: ``scim_prune_events`` deletes by age."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list that tells its events."""
        return EventList

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out the connection where there is one only."""
        shown = self.list_display
        narrowed = request.GET.get(ConnectionListFilter.parameter_name)
        return [name for name in shown if name != "connection"] if narrowed else shown

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by an id, or by a name of what the reader may see."""
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        connections = ProviderConnection.objects.using(queryset.db)
        if not request.user.is_superuser:
            connections = connections.filter(not_of_others(request.user.pk))
        if narrowed := request.GET.get(ConnectionListFilter.parameter_name, "").replace("\x00", ""):
            connections = connections.filter(provider_id=narrowed)
        teller = EventTeller(request, self.admin_site)
        keys = events_matching(
            queryset,
            connections,
            term,
            people=teller.sees(LinkedAccount),
            groups=teller.sees(ProvisionedGroup),
        )
        return queryset.filter(pk__in=keys), False

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
            listed = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            name = "admin:scim_provider_provisioningevent_changelist"
            address = reverse(name, current_app=self.admin_site.name)
            return HttpResponseRedirect(f"{address}?{ERROR_FLAG}=1")
        events = listed.filter(pk__lt=uuid7())  # not those of the export itself
        ids = sorted(set(events.order_by().values_list("provider", flat=True).distinct()))
        export = taken_by(request, ACTIONS.EXPORT_EVENTS, ids)
        return csv_answer("events", FIELDS, event_rows(events), export)
