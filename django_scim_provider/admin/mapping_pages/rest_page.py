"""The page that brings roles in line step by step, where one request cannot do it for all."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from django_scim_provider.admin.console.navigation import PARAMETER, list_address
from django_scim_provider.admin.mapping_pages.effects_shown import apply_some, names_of_targets
from django_scim_provider.admin.mapping_pages.handing_out import connection_to_map
from django_scim_provider.admin.mapping_pages.mapping_words import tell_changes
from django_scim_provider.admin.ownership import saved
from django_scim_provider.models import RoleMapping
from django_scim_provider.storage.roles.role_changes import RoleChanges
from django_scim_provider.storage.roles.targets import target_named

REST = "scim_provider_rolemapping_rest"
MOST_DIGITS = 12


def rest_route(model_admin: Any) -> URLPattern:
    """Return the route of the page."""

    def view(request: HttpRequest) -> HttpResponse:
        return _respond(model_admin, request)

    site: AdminSite = model_admin.admin_site
    return path("rest/", site.admin_view(view), name=REST)


def tell_rest(model_admin: Any, request: HttpRequest, query: str) -> None:
    """Tell that there are more people, with the way to the page."""
    address = reverse(f"admin:{REST}", current_app=model_admin.admin_site.name)
    told = format_html(
        '{} <a href="{}?{}">{}</a>',
        gettext("There are more people than one step takes."),
        address,
        query,
        gettext("Go on with the others"),
    )
    model_admin.message_user(request, told, messages.WARNING)


def _respond(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask on GET; on POST do a step, and come back until nobody is left.

    It does what the stored mappings say, whoever asks.

    Raises:
        PermissionDenied: the reader may not change mappings in any way.
        Http404: there is no such connection, role or position.
    """
    may = ("add", "change", "delete")
    if not any(request.user.has_perm(f"scim_provider.{verb}_rolemapping") for verb in may):
        raise PermissionDenied
    connection = connection_to_map(request.user, request.GET.get(PARAMETER))
    targets = [target_named(key) for key in request.GET.getlist("target") if "\x00" not in key]
    after = request.GET.get("after", "")
    if connection is None or not targets or None in targets or "\x00" in after:
        raise Http404
    known = [target for target in targets if target is not None]
    totals = RoleChanges(gained=_number(request, "gained"), lost=_number(request, "lost"))
    if request.method == "POST":
        actor = cast(AbstractBaseUser, request.user)
        try:
            changes, rest = saved(
                request, lambda: apply_some(connection, known, actor=actor, after=after)
            )
        except (ValueError, ValidationError) as error:
            raise Http404 from error
        totals.add(changes)
        if not rest:
            tell_changes(model_admin, request, connection, totals)
            address = list_address(model_admin.admin_site, RoleMapping, connection.provider_id)
            return HttpResponseRedirect(address)
        return HttpResponseRedirect(f"?{rest}&gained={totals.gained}&lost={totals.lost}&goes_on=1")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": gettext("Bring the roles in line"),
        "roles": ", ".join(names_of_targets(known).values()),
        "connection": connection,
        "totals": totals,
        "goes_on": "goes_on" in request.GET,
    }
    return TemplateResponse(request, "django_scim_provider/admin/roles_rest.html", context)


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
