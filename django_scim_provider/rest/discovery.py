"""The discovery endpoints (RFC 7644 section 4)."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.conf import get_settings
from django_scim_provider.core.discovery import (
    Features,
    list_of,
    resource_type_resource,
    schema_resource,
    service_provider_config,
)
from django_scim_provider.core.errors import Forbidden, NotFound
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.views import SCIMView


class DiscoveryView(SCIMView):
    """Readable with any token, or by everybody where ``PUBLIC_DISCOVERY`` is set."""

    def get_authenticators(self) -> Any:
        """Ask for no token where discovery is public."""
        return [] if get_settings().PUBLIC_DISCOVERY else super().get_authenticators()

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse filters, which discovery must not have (RFC 7644 section 4).

        Raises:
            Forbidden: there is one.
        """
        super().initial(request, *args, **kwargs)
        if "filter" in request.query_params:
            raise Forbidden("Discovery endpoints cannot be filtered.")


class ServiceProviderConfigView(DiscoveryView):
    """``/ServiceProviderConfig``."""

    def get(self, request: Request) -> Response:
        """Answer with what the server offers."""
        settings = get_settings()
        features = Features(
            max_results=settings.MAX_PAGE_SIZE,
            default_page_size=settings.DEFAULT_PAGE_SIZE,
            cursor_timeout=settings.CURSOR_TIMEOUT,
            change_password=settings.ALLOW_PASSWORD,
            documentation_uri=settings.DOCUMENTATION_URI,
        )
        return Response(service_provider_config(features, self.base_url))


class SchemasView(DiscoveryView):
    """``/Schemas`` and ``/Schemas/{urn}``."""

    def get(self, request: Request, urn: str | None = None) -> Response:
        """Answer with all schemas, or the one.

        Raises:
            NotFound: there is none with that URN.
        """
        schemas = get_registry().schemas()
        if urn is None:
            return Response(list_of(schema_resource(schema, self.base_url) for schema in schemas))
        for schema in schemas:
            if schema.id.lower() == urn.lower():
                return Response(schema_resource(schema, self.base_url))
        raise NotFound("There is no schema with that URN.")


class ResourceTypesView(DiscoveryView):
    """``/ResourceTypes`` and ``/ResourceTypes/{name}``."""

    def get(self, request: Request, name: str | None = None) -> Response:
        """Answer with all resource types, or the one.

        Raises:
            NotFound: there is none with that name.
        """
        types = [registration.resource_type for registration in get_registry().registrations]
        if name is None:
            return Response(list_of(resource_type_resource(t, self.base_url) for t in types))
        for resource_type in types:
            if resource_type.name == name:
                return Response(resource_type_resource(resource_type, self.base_url))
        raise NotFound("There is no resource type with that name.")
