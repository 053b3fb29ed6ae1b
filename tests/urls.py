"""The routes of the test project."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("scim/v2/", include("django_scim_provider.urls")),
    path("scim/", include("django_scim_provider.management_urls")),
    path("directory/", include("django_scim_provider.portal_urls")),
    path("admin/", admin.site.urls),
]
