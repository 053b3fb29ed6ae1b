"""The suite's routes with those of assets."""

from __future__ import annotations

from django.urls import include, path

from django_scim_provider.registry import Registry
from django_scim_provider.rest.routers import resource_routes
from django_scim_provider.urls import urlpatterns as scim
from tests.characteristics.declarations import OWN_TYPES

urlpatterns = [
    path("scim/v2/", include(([*resource_routes(Registry(OWN_TYPES)), *scim], "scim"))),
]
