"""The suite's routes with those of the types that the self-check is tried on."""

from __future__ import annotations

from django.urls import include, path

from django_scim_provider.rest.routers import resource_routes
from django_scim_provider.urls import urlpatterns as scim
from tests.selfcheck import broken, broken_types

own = [*resource_routes(broken.ROUTES), *resource_routes(broken_types.ROUTES)]
urlpatterns = [
    path("scim/v2/", include(([*own, *scim], "scim"))),
]
