"""Filters and pages of the lists; parameters are in ``camelCase`` or ``snake_case``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.rest.management.serializers import camel


class EitherCaseFilterSet(filters.FilterSet):  # type: ignore[misc]  # the package is untyped
    """Takes each parameter under its name or the snake_case that is declared."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        renamed = QueryDict(mutable=True)
        names = {camel(name): name for name in self.base_filters}
        for key, values in (data or QueryDict()).lists():
            renamed.setlist(names.get(key, key), values)
        super().__init__(renamed, *args, **kwargs)


class ConnectionFilter(EitherCaseFilterSet):
    """Connections by what they are for."""

    provider_id = filters.CharFilter()
    organization_id = filters.CharFilter()
    profile = filters.CharFilter()
    enabled = filters.BooleanFilter()

    class Meta:
        model = ProviderConnection
        fields = ("provider_id", "organization_id", "profile", "enabled")


class TokenFilter(EitherCaseFilterSet):
    """Tokens by their connection and state."""

    provider_id = filters.CharFilter(field_name="provider__provider_id")
    label = filters.CharFilter()
    live = filters.BooleanFilter(method="by_life")

    class Meta:
        model = SCIMToken
        fields = ("provider_id", "label", "live")

    def by_life(self, tokens: Any, name: str, value: bool) -> QuerySet[SCIMToken]:
        """Return those that open something, or those that do not any more."""
        alive = SCIMToken.objects.using(tokens.db).live(timezone.now()).values("pk")
        found: QuerySet[SCIMToken] = (
            tokens.filter(pk__in=alive) if value else tokens.exclude(pk__in=alive)
        )
        return found


class EventFilter(EitherCaseFilterSet):
    """Events by what happened, to what, when."""

    provider_id = filters.CharFilter(field_name="provider__provider_id")
    action = filters.CharFilter()
    outcome = filters.ChoiceFilter(choices=ProvisioningEvent.Outcome.choices)
    resource_type = filters.CharFilter()
    resource_id = filters.CharFilter()
    request_id = filters.CharFilter()
    after = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = ProvisioningEvent
        fields = (
            "provider_id",
            "action",
            "outcome",
            "resource_type",
            "resource_id",
            "request_id",
            "after",
            "before",
        )


class NamedPages(PageNumberPagination):
    """``{"<name>": [...], "count": 3, "next": null, "previous": null}``; the view has the name."""

    page_size = 50
    page_size_query_param = "pageSize"
    max_page_size = 200
    name = "results"

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """Remember the name of the list."""
        self.name = getattr(view, "list_name", self.name)
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page under the name of the list."""
        page: Any = self.page
        return Response(
            {
                self.name: data,
                "count": page.paginator.count,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page for OpenAPI."""
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": [self.name, "count", "next", "previous"],
            "properties": {
                self.name: schema,
                "count": {"type": "integer"},
                "next": link,
                "previous": link,
            },
        }
