"""The routes: ``path("scim/v2/", include("django_scim_provider.urls"))``."""

from __future__ import annotations

from django.urls import re_path

from django_scim_provider.registry import get_registry
from django_scim_provider.rest.bulk import BulkView
from django_scim_provider.rest.discovery import (
    ResourceTypesView,
    SchemasView,
    ServiceProviderConfigView,
)
from django_scim_provider.rest.me import ME_ACTIONS, MeView
from django_scim_provider.rest.probes import HealthView
from django_scim_provider.rest.root import RootSearchView, RootView
from django_scim_provider.rest.routers import resource_routes
from django_scim_provider.rest.views import UnknownView

app_name = "scim"

urlpatterns = [
    re_path(r"^health/?$", HealthView.as_view(), name="health"),
    *resource_routes(get_registry()),
    re_path(
        r"^ServiceProviderConfig/?$",
        ServiceProviderConfigView.as_view(),
        name="service-provider-config",
    ),
    re_path(r"^Schemas/?$", SchemasView.as_view(), name="schemas"),
    re_path(r"^Schemas/(?P<urn>[^/]+)/?$", SchemasView.as_view(), name="schema"),
    re_path(r"^ResourceTypes/?$", ResourceTypesView.as_view(), name="resource-types"),
    re_path(
        r"^ResourceTypes/(?P<name>[^/]+)/?$", ResourceTypesView.as_view(), name="resource-type"
    ),
    re_path(r"^Me/?$", MeView.as_view(ME_ACTIONS), name="me"),
    re_path(r"^Bulk/?$", BulkView.as_view(), name="bulk"),
    re_path(r"^\.search/?$", RootSearchView.as_view(), name="search"),
    re_path(r"^$", RootView.as_view(), name="root"),
    re_path(r"^(?P<rest>[\s\S]*)$", UnknownView.as_view()),
]
