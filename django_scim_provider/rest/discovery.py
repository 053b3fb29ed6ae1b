"""The discovery endpoints (RFC 7644 section 4)."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.conf import get_settings
from django_scim_provider.core.discovery import list_of
from django_scim_provider.core.errors import Forbidden
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.throttling.throttles import DiscoveryThrottle
from django_scim_provider.rest.views import SCIMView


class DiscoveryView(SCIMView):
    """Readable with any token, or by everybody where ``PUBLIC_DISCOVERY`` is set."""

    endpoint = ""

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Name the endpoint; of what schema or resource type is asked for is not shown."""
        return "discovery", f"/{self.endpoint}" + ("/*" if self.kwargs else "")

    @property
    def is_public(self) -> bool:
        """Tell whether no token is needed; a subclass with permissions of its own decides that."""
        is_ours = (
            self.authentication_classes is SCIMView.authentication_classes
            and type(self).get_authenticators is DiscoveryView.get_authenticators
        )
        return is_ours and get_settings().PUBLIC_DISCOVERY

    def get_authenticators(self) -> Any:
        """Ask for no token where discovery is public."""
        return [] if self.is_public else super().get_authenticators()

    def get_throttles(self) -> Any:
        """Count by address where discovery is public."""
        is_ours = self.throttle_classes is SCIMView.throttle_classes
        return [DiscoveryThrottle()] if self.is_public and is_ours else super().get_throttles()

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

    endpoint = "ServiceProviderConfig"

    def get(self, request: Request) -> Response:
        """Answer with what the server offers."""
        return document(get_registry().service_provider_config(self.base_url))


class SchemasView(DiscoveryView):
    """``/Schemas`` and ``/Schemas/{urn}``."""

    endpoint = "Schemas"

    def get(self, request: Request, urn: str | None = None) -> Response:
        """Answer with all schemas, or the one.

        Raises:
            NotFound: there is none with that URN.
        """
        registry = get_registry()
        if urn is None:
            return Response(list_of(registry.schema_resources(self.base_url)))
        return document(registry.schema_resource(urn, self.base_url))


class ResourceTypesView(DiscoveryView):
    """``/ResourceTypes`` and ``/ResourceTypes/{name}``."""

    endpoint = "ResourceTypes"

    def get(self, request: Request, name: str | None = None) -> Response:
        """Answer with all resource types, or the one.

        Raises:
            NotFound: there is none with that name.
        """
        registry = get_registry()
        if name is None:
            return Response(list_of(registry.resource_type_resources(self.base_url)))
        return document(registry.resource_type_resource(name, self.base_url))


def document(resource: Resource) -> Response:
    """Return the answer that shows one document, with its address (RFC 7643 section 3.1)."""
    return Response(resource, headers={"Content-Location": resource["meta"]["location"]})
