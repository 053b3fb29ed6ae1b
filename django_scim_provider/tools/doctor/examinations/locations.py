"""The addresses that answers hold: do they lead back to where the URL leads?"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.addresses import (
    BaseURL,
    origin_of,
    without_query,
)
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind

SCHEME = Kind(
    "location-scheme",
    _("The addresses in answers begin with %(scheme)s, unlike the URL: %(location)s."),
    _(
        "Behind a proxy that ends TLS let it send X-Forwarded-Proto and set "
        "SECURE_PROXY_SSL_HEADER; or set BASE_URL of SCIM_PROVIDER to the URL."
    ),
)
HOST = Kind(
    "location-host",
    _("The addresses in answers name another host than the URL: %(location)s."),
    _(
        "Correct BASE_URL of SCIM_PROVIDER. Without it let the proxy pass the Host header on "
        "(nginx: proxy_set_header Host $host; Apache: ProxyPreserveHost On), or set "
        "USE_X_FORWARDED_HOST."
    ),
)
PATH = Kind(
    "location-path",
    _("The addresses in answers have another path than the URL: %(location)s."),
    _(
        "Correct BASE_URL of SCIM_PROVIDER. Without it, where the proxy maps one path to another, "
        "set FORCE_SCRIPT_NAME or BASE_URL."
    ),
)
MISSING = Kind(
    "location-missing",
    _("A resource of %(request)s has no meta.location."),
    _("Identity providers go by it; look for what cuts answers down on the way."),
)


def check_locations(
    examination: Examination, locations: Iterable[object], request: str
) -> list[str]:
    """Return those that are below the URL, as paths below it; note what is wrong with others."""
    good: list[str] = []
    for location in locations:
        if not isinstance(location, str) or not location:
            examination.note(MISSING, request=request)
            continue
        found = difference(location, examination.base_url)
        if found is None:
            good.append(location.removeprefix(examination.base_url.text))
        else:
            examination.add(found)
    return good


def difference(location: str, base_url: BaseURL) -> Diagnosis | None:
    """Return the finding for an address that is not below the URL, or None."""
    scheme, host, port = origin_of(location)
    own_scheme, own_host, own_port = base_url.origin
    shown = without_query(location)
    if host != own_host or (scheme == own_scheme and port != own_port):
        return HOST.found(location=shown)
    if scheme != own_scheme:
        return SCHEME.found(scheme=scheme or "-", location=shown)
    if not urlsplit(location).path.startswith(base_url.parts.path + "/"):
        return PATH.found(location=shown)
    return None
