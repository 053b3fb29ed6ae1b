"""What an answer that should not be says about the deployment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.addresses import BaseURL
from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.doctor.examinations import redirects
from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind, Level

HTML = Kind(
    "html-answer",
    _("%(request)s is answered with %(status)s and an HTML page, not SCIM (Server: %(server)s)."),
    _(
        "The request does not reach the SCIM routes. If the page is the proxy's, pass the path on "
        "to Django (nginx: location and proxy_pass, both with a slash at the end or neither; "
        "Apache: ProxyPass or WSGIScriptAlias); if it is Django's, include "
        "django_scim_provider.urls in the urlconf at this path, ahead of routes that catch all."
    ),
)
HOST_REFUSED = Kind(
    "host-not-allowed",
    _("%(request)s is answered with 400 and no SCIM error, as Django answers an unknown host."),
    _(
        "Add the host of the URL to ALLOWED_HOSTS. Behind a proxy let it pass the Host header on "
        "(nginx: proxy_set_header Host $host; Apache: ProxyPreserveHost On)."
    ),
)
BLOCKED = Kind(
    "blocked-by-proxy",
    _(
        "%(request)s is refused with %(status)s by something in front of the application "
        "(Server: %(server)s)."
    ),
    _(
        "Let GET, POST, PUT, PATCH and DELETE with application/scim+json pass on the SCIM path: "
        "look at the rules of the web application firewall, at LimitExcept or Limit in Apache, at "
        "limit_except in nginx, and at bot checks of the CDN."
    ),
)
NOT_REACHED = Kind(
    "application-unreachable",
    _("%(request)s is answered with %(status)s by a proxy that does not reach the application."),
    _(
        "Start gunicorn, uWSGI or mod_wsgi again and read its log; compare the address in "
        "proxy_pass or ProxyPass with the one it listens at, and the time limits of both."
    ),
)
SERVER_ERROR = Kind(
    "server-error",
    _("%(request)s is answered with %(status)s: the application failed."),
    _(
        "Read the log of the application around the request id (logger django_scim_provider); "
        "check that migrate was run and that the database answers."
    ),
)
TOKEN_LOST = Kind(
    "authorization-unsteady",
    _("%(request)s is answered with 401, though other requests with the same token were not."),
    _(
        "Some of the servers behind the address drop the Authorization header or use another "
        "database; compare their configuration. Or the token ended meanwhile."
    ),
)
FORBIDDEN = Kind(
    "scope-missing",
    _("%(request)s is answered with 403: the token does not have the scope."),
    _(
        "Nothing is wrong with the server. If the identity provider needs it, generate a token "
        "with the scope (scim_generate_token --scope)."
    ),
    level=Level.NOTE,
)
UNEXPECTED = Kind(
    "unexpected-answer",
    _("%(request)s is answered with %(status)s (scimType %(scim_type)s)."),
    _(
        "Look for the request id in the events of the connection and in the log; an adapter, a "
        "signal receiver or a middleware of the project may refuse the request."
    ),
)


def diagnose(answer: HTTPAnswer, base_url: BaseURL) -> Diagnosis:
    """Return the diagnosis of an answer of an unexpected status or form."""
    if answer.is_redirect:
        return redirects.finding(answer, base_url)
    server = answer.headers.get("server", "-").partition(" ")[0][:40]
    printable = "".join(c if c.isprintable() else "?" for c in server)
    return _kind(answer).found(answer, server=printable)


def _kind(answer: HTTPAnswer) -> Kind:
    if answer.is_scim:
        if answer.status == 403 and answer.scim_type == "-":
            return FORBIDDEN
        if answer.status == 401:
            return TOKEN_LOST
        return SERVER_ERROR if answer.status >= 500 else UNEXPECTED
    if answer.status >= 500:
        return {500: SERVER_ERROR, 501: BLOCKED}.get(answer.status, NOT_REACHED)
    if answer.status == 400:
        return HOST_REFUSED
    if answer.status in (401, 403, 405, 406, 415, 451):
        return BLOCKED
    return HTML if answer.is_html else UNEXPECTED
