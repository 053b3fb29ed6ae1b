"""Media types in and out, and whether answers may be kept by what is in between."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.urns import SEARCH_URN
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Kind
from django_scim_provider.tools.http import PLAIN_JSON, SCIM_JSON

WRONG = Kind(
    "wrong-content-type",
    _("%(request)s is answered as %(sent)s, though %(asked)s was asked for."),
    _(
        "Something rewrites Content-Type: look for ForceType, AddType and Header set in Apache, "
        "default_type and add_header in nginx, a middleware of the project, rules of the CDN."
    ),
)
REFUSED = Kind(
    "media-type-refused",
    _("A body in %(sent)s is refused with %(status)s before it reaches the application."),
    _(
        "Allow application/scim+json beside application/json in the web application firewall or "
        "API gateway (ModSecurity: tx.allowed_request_content_type)."
    ),
)
CACHEABLE = Kind(
    "cacheable",
    _("Answers arrive %(how)s: a cache in between may give one tenant's people to another."),
    _(
        "Turn the cache off for the SCIM path (nginx: proxy_cache off, and no expires; Apache: "
        "CacheDisable; a CDN: bypass), and pass Cache-Control of the application on."
    ),
)
WITHOUT_NO_STORE = _("without Cache-Control: no-store")
FROM_CACHE = _("from a cache (with an Age header)")


def check_media_types(examination: Examination) -> None:
    """Ask in both media types, and send both."""
    for media_type in (SCIM_JSON, PLAIN_JSON):
        answer = examination.send("GET", "/ServiceProviderConfig", headers={"Accept": media_type})
        if examination.expect(answer, 200) and answer.media_type != media_type:
            sent = "".join(c for c in answer.media_type if c.isprintable())[:60] or "-"
            examination.note(WRONG, answer, sent=sent, asked=media_type)
        cached = "age" in answer.headers
        if cached or "no-store" not in answer.headers.get("cache-control", "").lower():
            how = FROM_CACHE if cached else WITHOUT_NO_STORE
            examination.note(CACHEABLE, answer, how=how)
        _send(examination, media_type)


def _send(examination: Examination, media_type: str) -> None:
    body = {"schemas": [SEARCH_URN], "filter": 'userName eq "scim-doctor"', "count": 0}
    headers = {"Content-Type": media_type}
    answer = examination.send("POST", "/Users/.search", body=body, headers=headers)
    if answer.status in (406, 415) or (answer.status == 400 and not answer.is_scim):
        examination.note(REFUSED, answer, sent=media_type)
    elif answer.status != 200:
        examination.diagnose(answer)
