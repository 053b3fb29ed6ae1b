"""Timelines of accounts and groups in the admin, and of the project's users in its own."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.narrowed_list import ListOfConnections
from django_scim_provider.admin.console.navigation import console_of
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.admin.event_pages.timeline_lines import TimelineLine, TimelineTeller
from django_scim_provider.admin.ownership import not_of_others
from django_scim_provider.ciphers import ENCRYPTION_AVAILABLE
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.timeline import TimelineSubject, timeline_of
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.resource_ids import parse_id

VALUES = "scim_provider.view_event_values"
EVENTS = "scim_provider.view_provisioningevent"
CONNECTIONS = "scim_provider.view_providerconnection"
LATEST = 5
"""Events on the page of an account or group itself, and of each account of a user."""
MOST_ACCOUNTS = 5
LOGGED = 20


class WithTimeline(ListOfConnections):
    """Shows on the page of a row what happened to it lately; its history is the whole timeline."""

    change_form_template = "django_scim_provider/admin/events/with_timeline.html"

    class Media:
        """Copies ids."""

        css: ClassVar = {"all": ("django_scim_provider/admin.css",)}
        js: ClassVar = ("django_scim_provider/copy_ids.js",)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the latest events for those who may see events."""
        found = kwargs.get("obj")
        if found is not None and request.user.has_perm(EVENTS):
            lines, _more = _lines(request, self.admin_site, found, size=LATEST)
            context["timeline"] = lines
        if found is not None and request.user.has_perm(CONNECTIONS):
            context["console"] = console_of(request, self.admin_site, found.provider, self.tab)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the timeline, with what Django's log has; to those without events, the log alone.

        Raises:
            Http404: there is no such row that the reader may see.
        """
        found = self.object_for(request, object_id)
        if not request.user.has_perm(EVENTS):
            return super().history_view(request, object_id, extra_context)
        before = parse_id(request.GET.get("before", ""))
        lines, position = _lines(request, self.admin_site, found, before=before)
        context = {
            **self.page_context(request, found, _("Timeline")),
            "timeline": lines,
            "next_page": "" if position is None else f"?before={position}",
            "is_first": before is None,
            "logged": _logged(found) if before is None else (),
            "values": _state_of_values(request),
            "days": get_settings().EVENT_VALUES,
            **(extra_context or {}),
        }
        if request.user.has_perm(CONNECTIONS):
            context["console"] = console_of(request, self.admin_site, found.provider, self.tab)
        return TemplateResponse(request, "django_scim_provider/admin/events/timeline.html", context)


class UserTimelineInline(admin.StackedInline):  # type: ignore[type-arg]  # generic for type checkers only
    """What provisioning did to a user, for the project's own ``UserAdmin``.

    It shows nothing to those who may not see both events and accounts, and of personal connections
    of others nothing to anybody but superusers. Nothing can be changed in it.
    """

    model = LinkedAccount
    fk_name = "user"
    template = "django_scim_provider/admin/events/user_timeline.html"
    verbose_name_plural = _("Provisioning timeline")
    extra = 0
    max_num = 0
    can_delete = False

    class Media:
        """Copies ids."""

        css: ClassVar = {"all": ("django_scim_provider/admin.css",)}
        js: ClassVar = ("django_scim_provider/copy_ids.js",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it to those who may see events and accounts."""
        return request.user.has_perms([EVENTS, VIEW_ACCOUNTS])

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: it is to be read."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse, as above."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse, as above."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkedAccount]:
        """Return no rows for forms: the timelines are read by themselves."""
        return super().get_queryset(request).none()

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return a formset without forms that has the timelines of the user."""
        made: Any = super().get_formset(request, obj, **kwargs)
        if obj is not None and obj.pk is not None:
            made.timelines = user_timelines(request, self.admin_site, obj)
        return made


def user_timelines(
    request: HttpRequest, site: AdminSite, user: Any
) -> list[tuple[LinkedAccount, list[TimelineLine], str]]:
    """Return the accounts of a user with their latest events and the addresses of all of them."""
    rows = LinkedAccount.objects.using(get_settings().DATABASE).filter(user=user.pk)
    if not request.user.is_superuser:
        rows = rows.filter(not_of_others(request.user.pk, "provider__"))
    found = list(rows.select_related("provider").defer("resource").order_by("pk")[:MOST_ACCOUNTS])
    return [
        (
            account,
            _lines(request, site, account, size=LATEST)[0],
            history_address(site, account),
        )
        for account in found
    ]


def history_address(site: AdminSite, found: Any) -> str:
    """Return the address of the timeline of a row; empty where the site has no pages of it."""
    if not site.is_registered(type(found)):
        return ""
    name = f"admin:{found._meta.app_label}_{found._meta.model_name}_history"
    return reverse(name, args=[quote(found.pk)], current_app=site.name)


def _lines(
    request: HttpRequest, site: AdminSite, found: Any, before: UUID | None = None, **size: int
) -> tuple[list[TimelineLine], UUID | None]:
    subject = TimelineSubject.of(found)
    page = timeline_of(subject, before, with_values=request.user.has_perm(VALUES), **size)
    return TimelineTeller(request, site, page).lines(subject), page.position


def _logged(found: Any) -> list[LogEntry]:
    """Return what Django's own log has of a row, the latest first."""
    rows = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(found), object_id=str(found.pk)
    )
    return list(rows.select_related("user").order_by("-action_time")[:LOGGED])


def _state_of_values(request: HttpRequest) -> str:
    """Return why there are no values, for those who might see some."""
    if not request.user.has_perm(VALUES):
        return ""
    if not get_settings().EVENT_VALUES:
        return "off"
    return "kept" if ENCRYPTION_AVAILABLE else "unencrypted"
