"""The navigation of one connection: the same on all its pages and lists, with counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_scim_provider.admin.ownership import not_of_others
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.numbers_told import whole
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from django_scim_provider.models.connection_profiles import profile_titles
from django_scim_provider.organizations.naming import organization_names

PARAMETER = "provider"
"""What narrows a list to one connection, by its id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the navigation."""

    slug: str
    title: Any
    address: str
    count: str = ""
    """In the reader's language; empty where nothing is counted."""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Console:
    """What stands at the top of each page of a connection."""

    connection: ProviderConnection
    product: str
    """What people call the identity provider."""
    organization: str
    """The name of its organization, or of nothing."""
    entries: Sequence[Entry]


LISTS: tuple[tuple[str, Any, type[Model]], ...] = (
    ("people", _("People"), LinkedAccount),
    ("groups", _("Groups"), ProvisionedGroup),
    ("events", _("Events"), ProvisioningEvent),
    # REST framework says "Tokens" otherwise than our other texts, and comes before them.
    ("tokens", pgettext_lazy("of a connection", "Tokens"), SCIMToken),
    ("roles", _("Roles"), RoleMapping),
)
"""Lists of the admin that are narrowed to the connection, by their place in the navigation."""


def console_of(
    request: HttpRequest, site: AdminSite, connection: ProviderConnection, current: str
) -> Console:
    """Return the navigation of a connection as its reader may use it, by one statement.

    ``current`` is the slug of the page that it stands on.
    """
    model_admin: Any = site.get_model_admin(ProviderConnection)
    counts = _counts(connection)
    found = {
        page.slug: Entry(
            page.slug,
            page.entry,
            page.address(connection),
            shown(counts.get(page.slug)) or page.count(request, connection),
        )
        for page in model_admin.pages()
        if page.entry and page.is_offered(request, connection)
    }
    for slug, title, model in LISTS:
        if site.is_registered(model) and site.get_model_admin(model).has_view_permission(request):
            address = list_address(site, model, connection.provider_id)
            found[slug] = Entry(slug, title, address, shown(counts.get(slug)))
    settings = page_address(site, ProviderConnection, connection.pk)
    found["settings"] = Entry("settings", _("Settings"), settings)
    order = {slug: place for place, slug in enumerate(ORDER)}
    slugs = sorted(found, key=lambda slug: order.get(slug, len(order)))
    names = organization_names([connection.organization_id])
    return Console(
        connection,
        str(profile_titles().get(connection.profile, connection.profile)),
        names.get(str(connection.organization_id), ""),
        [_marked(found[slug], current) for slug in slugs],
    )


ORDER = (
    "setup",
    "people",
    "groups",
    "failures",
    "events",
    "tokens",
    "roles",
    "health",
    "drift",
    "checks",
    "notices",
    "recorder",
    "settings",
    "privacy",
)
"""Slugs in the order of their links."""


def list_address(site: AdminSite, model: type[Model], provider_id: str, **narrowed: Any) -> str:
    """Return the address of a list of the admin, narrowed to a connection."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    query = urlencode({PARAMETER: provider_id, **narrowed})
    return f"{reverse(name, current_app=site.name)}?{query}"


def page_address(site: AdminSite, model: type[Model], key: Any) -> str:
    """Return the address of the admin's page of a row; empty where the site has no such page."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    try:
        return reverse(name, args=[quote(key)], current_app=site.name)
    except NoReverseMatch:
        return ""


def connection_asked_for(request: HttpRequest) -> ProviderConnection | None:
    """Return the connection that a list is narrowed to, if its reader may see it."""
    asked = request.GET.get(PARAMETER, "").strip()
    if not asked or "\x00" in asked:
        return None
    if not request.user.has_perm("scim_provider.view_providerconnection"):
        return None
    rows = ProviderConnection.objects.using(get_settings().DATABASE).filter(provider_id=asked)
    if not request.user.is_superuser:
        rows = rows.filter(not_of_others(request.user.pk))
    return rows.first()


def shown(number: int | None) -> str:
    """Return a count in the reader's language; of nothing, nothing."""
    return "" if number is None else whole(number)


def _counts(connection: ProviderConnection) -> dict[str, int]:
    """Return how much the connection has of each, by one statement.

    Events are not counted: there are millions, and nobody asks how many.
    """
    using = get_settings().DATABASE
    rows: dict[str, QuerySet[Any]] = {
        "people": LinkedAccount.objects.filter(provider=OuterRef("provider_id")),
        "groups": ProvisionedGroup.objects.filter(provider=OuterRef("provider_id")),
        "failures": Failure.objects.filter(
            provider=OuterRef("provider_id"), state=Failure.State.OPEN
        ),
        "tokens": SCIMToken.objects.live().filter(provider=OuterRef("provider_id")),
        "roles": RoleMapping.objects.filter(provider=OuterRef("provider_id")),
    }
    counted = {
        f"n_{slug}": Coalesce(
            Subquery(
                each.order_by().values("provider").annotate(n=Count("pk")).values("n"),
                output_field=IntegerField(),
            ),
            0,
        )
        for slug, each in rows.items()
    }
    found = ProviderConnection.objects.using(using).filter(pk=connection.pk).order_by()
    row: Any = found.values(**counted).first()
    return {} if row is None else {slug: row[f"n_{slug}"] for slug in rows}


def _marked(entry: Entry, current: str) -> Entry:
    is_current = entry.slug == current
    return Entry(entry.slug, entry.title, entry.address, entry.count, is_current)
