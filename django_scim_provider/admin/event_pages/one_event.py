"""The page of one event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.narrowed_list import ListOfConnections
from django_scim_provider.admin.console.navigation import console_of
from django_scim_provider.admin.event_pages.event_words import (
    id_to_copy,
    names_in,
    what_happened,
)
from django_scim_provider.admin.event_pages.timeline_lines import TimelineTeller
from django_scim_provider.insight.timeline import effects_of
from django_scim_provider.models import ProvisioningEvent


class OneEvent(ListOfConnections):
    """Tells an event in the words of the list, with what it did and what it has."""

    change_form_template = "django_scim_provider/admin/events/event.html"
    fields: ClassVar = (
        "who",
        "what_to_read",
        "effects",
        "ended",
        "failure",
        "by",
        "moment",
        "connection",
        "changed_names",
        "left_out_names",
        "resource_type",
        "resource_whole",
        "request_short",
        "same_request",
        "duration",
        "event_whole",
    )
    readonly_fields = fields

    @admin.display(description=_("what"))
    def what_to_read(self, event: Any) -> str:
        """Return what was done, without a link to where one is already."""
        return what_happened(event)

    @admin.display(description=_("with it"))
    def effects(self, event: Any) -> str:
        """Return what it did to members beside what it names."""
        return format_html_join("", "<div>{}</div>", ((each,) for each in event.details))

    @admin.display(description=_("failure"))
    def failure(self, event: Any) -> str:
        """Return a link to the line that says why, how often, and what can be done."""
        told = event.told.failure
        text = gettext("Read why, and what to do: %s") % told.text
        return format_html('<a href="{}">{}</a>', told.address, text)

    @admin.display(description=_("other events of the request"))
    def same_request(self, event: Any) -> str:
        """Return a link that searches for the events of the request."""
        if not event.request_id:
            return ""
        name = "admin:scim_provider_provisioningevent_changelist"
        address = reverse(name, current_app=self.admin_site.name)
        return format_html(
            '<a href="{}?{}">{}</a>',
            address,
            urlencode({"q": event.request_id}),
            gettext("All events of the request"),
        )

    @admin.display(description=_("id"))
    def resource_whole(self, event: Any) -> str:
        """Return the id of the resource."""
        return id_to_copy(event.resource_id) if event.resource_id else ""

    @admin.display(description=_("id of the event"))
    def event_whole(self, event: Any) -> str:
        """Return the id of the event."""
        return id_to_copy(str(event.pk))

    @admin.display(description=_("changed attributes"))
    def changed_names(self, event: ProvisioningEvent) -> str:
        """Return the names of the attributes, one on each line."""
        return _lines(names_in(event.changed))

    @admin.display(description=_("unknown attributes"))
    def left_out_names(self, event: ProvisioningEvent) -> str:
        """Return the names of what was left out, one on each line."""
        return _lines(names_in(event.left_out))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what the event does not have."""
        empty = set()
        if obj is not None:
            has = {
                "effects": getattr(obj, "details", ()),
                "failure": _has_failure(obj),
                "changed_names": obj.changed,
                "left_out_names": obj.left_out,
                "resource_type": obj.resource_type,
                "resource_whole": obj.resource_id,
                "request_short": obj.request_id,
                "same_request": obj.request_id,
                "duration": obj.duration is not None,
            }
            empty = {name for name, value in has.items() if not value}
        return [name for name in self.fields if name not in empty]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say in the title what happened to whom, under the navigation of the connection."""
        event = kwargs.get("obj")
        if event is not None:
            context["title"] = f"{event.told.who.text}: {what_happened(event)}"
            context["subtitle"] = None
            if request.user.has_perm("scim_provider.view_providerconnection"):
                context["console"] = console_of(request, self.admin_site, event.provider, self.tab)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return an event that is told."""
        event = super().get_object(request, object_id, from_field)
        if event is not None:
            teller = TimelineTeller(request, self.admin_site, effects_of(event))
            (line,) = teller.lines(None)
            event.details = line.details
        return event


def _has_failure(event: Any) -> bool:
    """Tell whether there is a line of failures that the reader may open."""
    told = getattr(event, "told", None)
    return told is not None and told.failure is not None and bool(told.failure.address)


def _lines(names: Sequence[str]) -> str:
    return format_html_join("", "<div><code>{}</code></div>", ((name,) for name in names))
