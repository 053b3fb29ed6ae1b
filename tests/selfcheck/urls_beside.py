"""Routes of a project in which another package has an app of the name ``scim`` too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def theirs(request: HttpRequest) -> HttpResponse:
    """Answer as the other package."""
    return HttpResponse("not ours")


urlpatterns = [
    path("theirs/", include(([path("", theirs, name="index")], "scim"))),
    path("people/", include("django_scim_provider.urls", namespace="people")),
]
