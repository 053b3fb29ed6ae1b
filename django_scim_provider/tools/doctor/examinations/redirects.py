"""Answers that send elsewhere: identity providers do not follow them, or lose the token there."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.addresses import (
    BaseURL,
    origin_of,
    without_query,
)
from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind

TO_HTTPS = Kind(
    "redirect-to-https",
    _("%(request)s is sent from http to %(location)s."),
    _("Give the identity provider the https address; the token must not go over http at all."),
)
SLASH = Kind(
    "redirect-slash",
    _(
        "%(request)s is sent (%(status)s) to the same address with or without a slash at the end: "
        "%(location)s."
    ),
    _(
        "Something ahead of the SCIM routes adds or removes slashes: a route or middleware of the "
        "project with APPEND_SLASH, or a rewrite rule of the proxy. Exempt the SCIM path; the app "
        "answers both spellings itself, and a redirect loses the body of POST, PUT and PATCH."
    ),
)
OTHER_HOST = Kind(
    "redirect-host",
    _("%(request)s is sent (%(status)s) to another host: %(location)s."),
    _(
        "Give the identity provider the address where it ends, or exempt the SCIM path from the "
        "redirect (PREPEND_WWW in Django, server_name rules in nginx, RewriteRule in Apache). The "
        "token was not sent there."
    ),
)
LOG_IN = Kind(
    "redirect-login",
    _("%(request)s is sent (%(status)s) to a log-in page: %(location)s."),
    _(
        "Exempt the SCIM path from what asks people to log in: Django's LoginRequiredMiddleware, "
        "or a single sign-on proxy such as oauth2-proxy or an access gateway."
    ),
)
ELSEWHERE = Kind(
    "redirect-elsewhere",
    _("%(request)s is sent (%(status)s) elsewhere: %(location)s."),
    _(
        "Exempt the SCIM path from the redirect, in Django's middleware or in the proxy, or give "
        "the identity provider the address where it ends."
    ),
)
_LOG_IN_WORDS = ("login", "signin", "sign-in", "sign_in", "oauth2/", "/sso", "/auth/", "/saml")


def finding(answer: HTTPAnswer, base_url: BaseURL) -> Diagnosis:
    """Return the finding for a redirect; the query of its Location is not shown."""
    asked = base_url.text + answer.path
    location = urljoin(asked, answer.headers["location"])
    return _kind(asked, location).found(answer, location=without_query(location))


def _kind(asked: str, location: str) -> Kind:
    from_origin, to_origin = origin_of(asked), origin_of(location)
    to_path = urlsplit(location).path
    if any(word in location.lower() for word in _LOG_IN_WORDS):
        return LOG_IN
    if from_origin[0] == "http" and to_origin[0] == "https" and from_origin[1] == to_origin[1]:
        return TO_HTTPS
    if from_origin != to_origin:
        return OTHER_HOST
    if to_path.rstrip("/") == urlsplit(asked).path.rstrip("/"):
        return SLASH
    return ELSEWHERE
