"""SCIM routes, and each floor twice: as a plain view and through a bare DRF view."""

from __future__ import annotations

from django.urls import include, path

from benchmarks.floor import FLOORS, drf_view, plain_view

urlpatterns = [
    path("scim/v2/", include("django_scim_provider.urls")),
    *(path(f"floor/{name}", plain_view(read)) for name, read in FLOORS.items()),
    *(path(f"floor-drf/{name}", drf_view(read)) for name, read in FLOORS.items()),
]
