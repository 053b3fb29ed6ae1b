"""The list of events at any number of rows: its pages, its filters, and what its rows link to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin import ListFilter, ModelAdmin, SimpleListFilter
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models import (
    GroupMapping,
    ProviderConnection,
    ProvisioningEvent,
)
from django_scim_provider.registry import get_registry

MAX_LISTED = 10_000
"""Rows that can be paged through; what lies behind is found by filters, or exported."""


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic for type checkers only
    """Counts no further than its last page.

    Counting millions takes longer than reading any page.
    """

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, at most ``MAX_LISTED``."""
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:MAX_LISTED].count())


class EventList(ChangeList):
    """A page of events, whose rows know the addresses of what they are about."""

    result_count: int

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then look up once for each kind of resource which of them are there."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        add_addresses(request, self.model_admin.admin_site, rows)
        self.result_list: Any = rows

    @property
    def is_capped(self) -> bool:
        """Tell whether there are more rows than can be paged through."""
        return self.result_count >= MAX_LISTED

    @property
    def export_address(self) -> str:
        """Return the address of what the list shows, all pages of it, as CSV."""
        site = self.model_admin.admin_site.name
        path = reverse("admin:scim_provider_provisioningevent_export", current_app=site)
        return path + self.get_query_string(remove=[PAGE_VAR, ERROR_FLAG])


def add_addresses(
    request: HttpRequest, site: AdminSite, events: Iterable[ProvisioningEvent]
) -> None:
    """Give events the admin's addresses of their connection and resource, for those who may look.

    They are the attributes ``connection_address`` and ``resource_address``; None where there is
    nothing (any more) that the reader may see. One query for each resource type that occurs.
    """
    named: dict[str, set[tuple[str, str]]] = {}
    for event in events:
        if event.resource_id:
            of_connection = named.setdefault(event.resource_type, set())
            of_connection.add((str(event.provider_id), event.resource_id))
    models = _models()
    found = {
        name: _addresses(request, site, models[name], ids)
        for name, ids in named.items()
        if name in models
    }
    connections = _model_admin(request, site, ProviderConnection)
    for event in events:
        key = str(event.provider_id), event.resource_id
        address = found.get(event.resource_type, {}).get(key)
        event.resource_address = address  # type: ignore[attr-defined]  # for the row
        shown = connections and _address(site, ProviderConnection, event.provider.pk)
        event.connection_address = shown  # type: ignore[attr-defined]  # for the row


def _models() -> dict[str, type[Model]]:
    """Return the models behind the names of resource types, and of what else has events."""
    return {**get_registry().models(), "GroupMapping": GroupMapping}


def _model_admin(
    request: HttpRequest, site: AdminSite, model: type[Model]
) -> ModelAdmin[Any] | None:
    """Return the pages of a model, None where it has none that the reader may open."""
    if not site.is_registered(model):
        return None
    model_admin = site.get_model_admin(model)
    return model_admin if model_admin.has_view_permission(request) else None


def _addresses(
    request: HttpRequest, site: AdminSite, model: type[Model], named: set[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return addresses by connection and id, which another connection may have as well."""
    model_admin = _model_admin(request, site, model)
    if model_admin is None:
        return {}
    column = "pk" if model is GroupMapping else "scim_id"
    connections, ids = (set(each) for each in zip(*named, strict=True))
    rows = model_admin.get_queryset(request).filter(provider__in=connections)
    found = rows.filter(**{f"{column}__in": ids}).values_list("provider_id", column, "pk")
    return {(provider, str(id)): _address(site, model, key) for provider, id, key in found}


def _address(site: AdminSite, model: type[Model], key: Any) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=[quote(key)], current_app=site.name)


class ConnectionListFilter(ListFilter):
    """Takes the id of a connection as text: there may be thousands, too many to list."""

    title = _("connection")
    template = "django_scim_provider/admin/text_filter.html"
    parameter_name = "provider"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        values = params.pop(self.parameter_name, [""])
        self.value = str(values[-1]).strip()

    def has_output(self) -> bool:
        """Show it always."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Name the parameter."""
        return [self.parameter_name]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield what the form holds: its field, and the rest of the query."""
        leave = {self.parameter_name, PAGE_VAR, ERROR_FLAG}
        kept = [(name, value) for name, value in changelist.params.items() if name not in leave]
        yield {"name": self.parameter_name, "value": self.value, "kept": kept}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events of that connection."""
        if not self.value or "\x00" in self.value:
            return queryset
        return queryset.filter(provider=self.value)


class ActionFilter(SimpleListFilter):
    """The actions that there are, known without a look at millions of rows."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the actions."""
        return list(ProvisioningEvent.Action.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events of the chosen action."""
        chosen = self.value()
        return queryset.filter(action=chosen) if chosen in ProvisioningEvent.Action else queryset


class ResourceTypeFilter(SimpleListFilter):
    """The resource types that the project serves."""

    title = _("resource type")
    parameter_name = "resource_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return their names."""
        names = (r.resource_type.name for r in get_registry().registrations)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the events of the chosen type."""
        chosen = self.value()
        if chosen not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(resource_type=chosen)
