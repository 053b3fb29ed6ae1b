"""What in the admin needs a log-in that is not long ago, and the way to one."""

from __future__ import annotations

from django.contrib.admin.sites import AdminSite
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.recent_login import logged_in_lately


def is_recent(request: HttpRequest) -> bool:
    """Tell whether the person logged in lately enough to see and set what opens something."""
    settings = get_settings()
    return logged_in_lately(request, settings.ADMIN_RECENT_LOGIN, settings.RECENT_LOGIN)


def refuse_old_log_in(request: HttpRequest) -> None:
    """Refuse what needs a log-in that is not long ago.

    Raises:
        PermissionDenied: it is; the page has a button that leads there.
    """
    if not is_recent(request):
        raise PermissionDenied


def send_to_log_in(request: HttpRequest, site: AdminSite, back: str) -> HttpResponse:
    """End the session and return the way to the log-in, which leads to ``back``."""
    logout(request)
    return redirect_to_login(back, reverse("admin:login", current_app=site.name))
