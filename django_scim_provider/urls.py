"""The routes: ``path("scim/v2/", include("django_scim_provider.urls"))``."""

from __future__ import annotations

from django.urls import re_path
from django.views.decorators.common import no_append_slash

from django_scim_provider.registry import get_registry
from django_scim_provider.rest.bulk.bulk_view import BulkView
from django_scim_provider.rest.discovery import (
    ResourceTypesView,
    SchemasView,
    ServiceProviderConfigView,
)
from django_scim_provider.rest.me import ME_ACTIONS, MeView
from django_scim_provider.rest.probes import HealthView
from django_scim_provider.rest.root import RootSearchView, RootView
from django_scim_provider.rest.routers import endpoint_path, resource_routes
from django_scim_provider.rest.views import UnknownView

app_name = "scim"

# A redirect to the slash would be HTML, and in debug mode an exception for what has a body.
root = no_append_slash(RootView.as_view())
"""The view of the SCIM root; ``path("scim/v2", root)`` answers without its slash, where the routes
for people are not included above it."""

urlpatterns = [
    endpoint_path("health", HealthView.as_view(), name="health"),
    *resource_routes(get_registry()),
    endpoint_path(
        "ServiceProviderConfig", ServiceProviderConfigView.as_view(), name="service-provider-config"
    ),
    endpoint_path("Schemas", SchemasView.as_view(), name="schemas"),
    endpoint_path("Schemas/+(?P<urn>[^/]+)", SchemasView.as_view(), name="schema"),
    endpoint_path("ResourceTypes", ResourceTypesView.as_view(), name="resource-types"),
    endpoint_path(
        "ResourceTypes/+(?P<name>[^/]+)", ResourceTypesView.as_view(), name="resource-type"
    ),
    endpoint_path("Me", MeView.as_view(ME_ACTIONS), name="me"),
    endpoint_path("Bulk", BulkView.as_view(), name="bulk"),
    endpoint_path(r"\.search", RootSearchView.as_view(), name="search"),
    re_path(r"^(?:/*)$", root, name="root"),
    re_path(r"^(?P<rest>[\s\S]*)$", UnknownView.as_view()),
]
