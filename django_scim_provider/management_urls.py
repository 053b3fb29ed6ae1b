"""The routes for people: ``path("scim/", include("django_scim_provider.management_urls"))``."""

from __future__ import annotations

from django.urls import path

from django_scim_provider.rest.management import views

app_name = "scim-management"

urlpatterns = [
    path(name, view.as_view(), name=name)
    for name, view in (
        ("generate-token", views.GenerateTokenView),
        ("rotate-token", views.RotateTokenView),
        ("revoke-token", views.RevokeTokenView),
        ("list-tokens", views.ListTokensView),
        ("list-events", views.ListEventsView),
        ("list-provider-connections", views.ListConnectionsView),
        ("get-provider-connection", views.GetConnectionView),
        ("delete-provider-connection", views.DeleteConnectionView),
    )
]
