"""The routes: SCIM for identity providers, connections and the admin for people."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("scim/v2/", include("django_scim_provider.urls")),
    path("scim/", include("django_scim_provider.management_urls")),
    path("admin/", admin.site.urls),
]
if apps.is_installed("drf_spectacular"):
    from drf_spectacular.views import SpectacularAPIView

    urlpatterns.append(path("api/schema/", SpectacularAPIView.as_view(), name="schema"))
