"""The list of events at any number of rows: its pages, and how far it looks for rare ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from django_scim_provider.admin.console.connection_filter import ConnectionListFilter
from django_scim_provider.admin.event_pages.event_filters import DayFilter
from django_scim_provider.admin.event_pages.told_events import EventTeller

MAX_LISTED = 10_000
"""Rows that can be paged through; what lies behind is found by filters, or exported."""
LOOKED_THROUGH = 50_000
"""Events that a filter without an index looks at; further ones are looked at on request.

By the index of connections and keys that takes some ten milliseconds."""


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
    """A page of events, told with the names of today.

    Connection, day and search go by indexes. Other filters look through the latest
    ``LOOKED_THROUGH`` events of those, since a rare outcome could lie behind a million others.
    """

    result_count: int
    looked_until: UUID | None = None
    """The key of the last event that was looked at, where there are earlier ones."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Any]:
        """Return the rows under the filters, as far back as they are looked for."""
        rows = super().get_queryset(request, exclude_parameters)
        if not self.query and self._is_sparse:
            self.looked_until = self._farthest(request)
        return rows if self.looked_until is None else rows.filter(pk__gte=self.looked_until)

    @property
    def _is_sparse(self) -> bool:
        """Tell whether a filter without an index leaves out rows."""
        indexed = {ConnectionListFilter.parameter_name, *DayFilter.parameters}
        return any(name not in indexed for name in self.get_filters_params())

    def _farthest(self, request: HttpRequest) -> UUID | None:
        rows = self.root_queryset
        for spec in self.filter_specs:
            if isinstance(spec, ConnectionListFilter | DayFilter):
                rows = spec.queryset(request, rows)
        keys = rows.order_by("-pk").values_list("pk", flat=True)
        found: list[UUID] = list(keys[LOOKED_THROUGH - 1 : LOOKED_THROUGH + 1])
        return found[0] if len(found) > 1 else None

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then look up once for each kind of resource which of them are there."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        EventTeller(request, self.model_admin.admin_site).tell(rows)
        self.result_list: Any = rows

    @property
    def is_capped(self) -> bool:
        """Tell whether there are more rows than can be paged through."""
        return self.result_count >= MAX_LISTED

    @property
    def looked_through(self) -> int:
        """Return how many events a filter looks at."""
        return LOOKED_THROUGH

    @property
    def further_back(self) -> str:
        """Return the query that looks through the events before; empty where there are none."""
        if self.looked_until is None:
            return ""
        return self.get_query_string({"before": str(self.looked_until)}, remove=[PAGE_VAR])

    @property
    def day(self) -> DayFilter | None:
        """Return the filter by day, which stands above the list."""
        return next((spec for spec in self.filter_specs if isinstance(spec, DayFilter)), None)

    @property
    def day_choices(self) -> list[dict[str, Any]]:
        """Return what the navigation of days shows."""
        return [] if self.day is None else list(self.day.choices(self))

    @property
    def choosers(self) -> list[dict[str, Any]]:
        """Return what is chosen from a few: name, title, and pairs with whether it is chosen."""
        return [
            {
                "name": spec.parameter_name,
                "title": spec.title,
                "options": [
                    (value, label, str(value) == spec.value())
                    for value, label in spec.lookup_choices
                ],
            }
            for spec in self.filter_specs
            if isinstance(spec, SimpleListFilter)
        ]

    @property
    def provider(self) -> str:
        """Return the id of the connection that the list is narrowed to."""
        return str(self.params.get(ConnectionListFilter.parameter_name, ""))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the rest of the query, which narrowing keeps."""
        own = {each["name"] for each in self.choosers} | {*DayFilter.parameters, PAGE_VAR}
        own |= {ConnectionListFilter.parameter_name, ERROR_FLAG}
        return [(name, value) for name, value in self.params.items() if name not in own]

    @property
    def export_address(self) -> str:
        """Return the address of what the list shows, all pages of it, as CSV."""
        site = self.model_admin.admin_site.name
        path = reverse("admin:scim_provider_provisioningevent_export", current_app=site)
        return path + self.get_query_string(remove=[PAGE_VAR, ERROR_FLAG])
