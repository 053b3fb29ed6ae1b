"""The routes for people: ``path("scim/", include("django_scim_provider.management_urls"))``."""

from __future__ import annotations

from django.urls import URLPattern, path

from django_scim_provider.rest.management_api import list_views, views
from django_scim_provider.rest.root import RootView
from django_scim_provider.rest.routers import RootWithoutSlash

app_name = "scim-management"

urlpatterns = [
    *(
        path(name, view.as_view(), name=name)
        for name, view in (
            ("generate-token", views.GenerateTokenView),
            ("rotate-token", views.RotateTokenView),
            ("revoke-token", views.RevokeTokenView),
            ("list-tokens", list_views.ListTokensView),
            ("list-events", list_views.ListEventsView),
            ("list-provider-connections", list_views.ListConnectionsView),
            ("list-profiles", views.ListProfilesView),
            ("get-provider-connection", views.GetConnectionView),
            ("delete-provider-connection", views.DeleteConnectionView),
        )
    ),
    URLPattern(RootWithoutSlash(), RootView.as_view()),
]
