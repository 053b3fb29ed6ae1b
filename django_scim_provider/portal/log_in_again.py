"""Ending the session, so that the log-in page of the project asks again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from django_scim_provider.portal.page import PortalPage


class PortalLogInAgainPage(PortalPage):
    """Logs out and leads to the log-in.

    Whoever is logged in would be sent straight back by many log-in pages. The answer is a page and
    no redirect: a policy for forms would not let one lead to a log-in on another site.
    """

    template = "django_scim_provider/portal/logged_out.html"
    title = _("You are logged out")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Go to the list; only a form logs out."""
        return HttpResponseRedirect(reverse("scim-portal:connections"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """End the session and show the way to the log-in, and back to the page."""
        asked = request.POST.get("next", "")
        root = reverse("scim-portal:connections")
        own = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith(root)
        back = asked if own and _is_a_page(asked) else root
        logout(request)
        return self.show(address=redirect_to_login(back)["Location"])


def _is_a_page(address: str) -> bool:
    """Tell whether an address is one of the portal's, which ``..`` and the like are not."""
    try:
        return "scim-portal" in resolve(urlsplit(address).path).app_names
    except Resolver404:
        return False
