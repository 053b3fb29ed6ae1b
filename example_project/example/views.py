"""The page of whoever is logged in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from django_scim_provider.log_in import connection_of_session


@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Say who is logged in, and by which connection."""
    return render(request, "example/me.html", {"connection": connection_of_session(request)})
