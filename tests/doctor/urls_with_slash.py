"""Routes that exist with a slash at the end only, so that Django's APPEND_SLASH redirects."""

from __future__ import annotations

from django.urls import include, re_path

urlpatterns = [re_path(r"^scim/v2/(?=.*/$)", include("django_scim_provider.urls"))]
