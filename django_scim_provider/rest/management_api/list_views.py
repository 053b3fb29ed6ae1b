"""The lists of the endpoints for people: what one person may see of each kind."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.connections.management import Management
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.rest.management_api.lists import (
    ConnectionFilter,
    ConnectionPages,
    EventFilter,
    EventPages,
    TokenFilter,
    TokenPages,
)
from django_scim_provider.rest.management_api.openapi import extend_schema
from django_scim_provider.rest.management_api.serializers import (
    ConnectionResponse,
    EventDescription,
    TokenDescription,
)
from django_scim_provider.rest.management_api.views import ManagementView


class ManagementListView(ListAPIView, ManagementView):  # type: ignore[type-arg]  # generic for type checkers only
    """A list, filtered and paged."""

    filter_backends: Any = (DjangoFilterBackend,)
    visible: ClassVar[Any]  # a method of Management: Management -> QuerySet
    """What there is to list, for one person."""
    order = "-pk"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the person may see; none while OpenAPI is made, for nobody."""
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        visible: QuerySet[Any] = self.visible(self.management)
        return visible.order_by(self.order)


class ListConnectionsView(ManagementListView):
    """``GET list-provider-connections``."""

    queryset = ProviderConnection.objects.none()
    visible = staticmethod(Management.connections)
    order = "provider_id"
    serializer_class = ConnectionResponse
    filterset_class = ConnectionFilter
    pagination_class = ConnectionPages

    @extend_schema(operation_id="list_scim_provider_connections", tags=["SCIM connections"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the connections that the person may manage."""
        return super().get(request, *args, **kwargs)


class ListTokensView(ManagementListView):
    """``GET list-tokens``."""

    queryset = SCIMToken.objects.none()
    visible = staticmethod(Management.tokens)
    serializer_class = TokenDescription
    filterset_class = TokenFilter
    pagination_class = TokenPages

    @extend_schema(operation_id="list_scim_tokens", tags=["SCIM connections"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the tokens of the connections that the person may manage, without secrets."""
        return super().get(request, *args, **kwargs)


class ListEventsView(ManagementListView):
    """``GET list-events``."""

    queryset = ProvisioningEvent.objects.none()
    visible = staticmethod(Management.events)
    serializer_class = EventDescription
    filterset_class = EventFilter
    pagination_class = EventPages

    @extend_schema(operation_id="list_scim_events", tags=["SCIM connections"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what happened to the connections that the person may manage, the latest first."""
        return super().get(request, *args, **kwargs)
