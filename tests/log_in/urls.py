"""The routes of the test project, allauth's, and a page that says who is there."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import include, path

from tests.urls import urlpatterns as own


def who(request: Any) -> HttpResponse:
    return HttpResponse(request.user.get_username() or "nobody")


async def who_async(request: Any) -> HttpResponse:
    return HttpResponse((await request.auser()).get_username() or "nobody")


urlpatterns = [
    *own,
    path("who/", who, name="who"),
    path("who-async/", who_async),
    path("accounts/", include("allauth.urls")),
]
