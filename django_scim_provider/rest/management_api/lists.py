"""Filters and pages of the lists; parameters are in ``camelCase`` or ``snake_case``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django_filters import rest_framework as filters
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.models.connection_profiles import profile_choices
from django_scim_provider.models.moments import utc_now
from django_scim_provider.rest.management_api.serializers import snake


class EitherCaseFilterSet(filters.FilterSet):  # type: ignore[misc]  # the package is untyped
    """Takes each parameter under its camelCase name or the snake_case of it."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        renamed = QueryDict(mutable=True)
        names = {snake(name): name for name in self.base_filters}
        for key, values in (data or QueryDict()).lists():
            renamed.setlist(names.get(key, key), values)
        super().__init__(renamed, *args, **kwargs)


class ConnectionFilter(EitherCaseFilterSet):
    """Connections by what they are for."""

    providerId = filters.CharFilter(field_name="provider_id")
    organizationId = filters.CharFilter(field_name="organization_id")
    profile = filters.ChoiceFilter(choices=profile_choices)
    enabled = filters.BooleanFilter()

    class Meta:
        model = ProviderConnection
        fields = ()


class TokenFilter(EitherCaseFilterSet):
    """Tokens by their connection and state."""

    providerId = filters.CharFilter(field_name="provider__provider_id")
    label = filters.CharFilter()
    live = filters.BooleanFilter(method="by_life")

    class Meta:
        model = SCIMToken
        fields = ()

    def by_life(self, tokens: Any, name: str, value: bool) -> QuerySet[SCIMToken]:
        """Return those that open something, or those that do not any more."""
        alive = SCIMToken.objects.using(tokens.db).live(utc_now()).values("pk")
        found: QuerySet[SCIMToken] = (
            tokens.filter(pk__in=alive) if value else tokens.exclude(pk__in=alive)
        )
        return found


class EventFilter(EitherCaseFilterSet):
    """Events by what happened, to what, when."""

    providerId = filters.CharFilter(field_name="provider__provider_id")
    action = filters.CharFilter()
    outcome = filters.ChoiceFilter(choices=ProvisioningEvent.Outcome.choices)
    resourceType = filters.CharFilter(field_name="resource_type")
    resourceId = filters.CharFilter(field_name="resource_id")
    requestId = filters.CharFilter(field_name="request_id")
    after = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = ProvisioningEvent
        fields = ()


class NamedPages(PageNumberPagination):
    """``{"<name>": [...], "count": 3, "next": null, "previous": null}``."""

    page_size = 50
    page_size_query_param = "pageSize"
    max_page_size = 200
    name = "results"

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


class ConnectionPages(NamedPages):
    """Pages of connections."""

    name = "providers"


class TokenPages(NamedPages):
    """Pages of tokens."""

    name = "tokens"


class EventPages(NamedPages):
    """Pages of events."""

    name = "events"
