"""The routes: SCIM for identity providers, the admin for people."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("scim/v2/", include("django_scim_provider.urls")),
    path("admin/", admin.site.urls),
]
