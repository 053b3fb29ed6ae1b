"""Answers 429: who sent them, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind

THROTTLED = Kind(
    "throttled",
    _(
        "%(request)s exceeded the rate limit (429); the server accepts requests again after "
        "%(wait)s."
    ),
    _(
        "Raise THROTTLE_RATES['connection'] of SCIM_PROVIDER: the doctor sends fewer than 100 "
        "requests, an identity provider thousands. Or wait, if another client uses the connection."
    ),
)
ADDRESS_THROTTLED = Kind(
    "address-throttled",
    _(
        "%(request)s, sent without a good token, exceeded the limit of its address (429); the "
        "server accepts requests again after %(wait)s."
    ),
    _(
        "Behind a proxy set NUM_PROXIES of SCIM_PROVIDER, or all clients count as one. Otherwise "
        "somebody at this address sends wrong tokens; THROTTLE_RATES['failed_authentication'] "
        "limits them."
    ),
)
THROTTLED_BY_PROXY = Kind(
    "throttled-by-proxy",
    _(
        "%(request)s exceeded a rate limit (429) of something in front of the application, which "
        "accepts requests again after %(wait)s."
    ),
    _(
        "Exempt the SCIM path from the proxy's or firewall's limit (nginx: limit_req, Apache: "
        "mod_evasive or mod_qos, a CDN: its rate rules); the application has limits of its own."
    ),
)
UNSPECIFIED = _("an unspecified time")
SECONDS = _("%(n)s seconds")


def finding(answer: HTTPAnswer) -> Diagnosis:
    """Return the diagnosis of an answer 429."""
    kind = THROTTLED if answer.authorized else ADDRESS_THROTTLED
    if not answer.is_scim_error:
        kind = THROTTLED_BY_PROXY
    seconds = answer.retry_after()
    wait = UNSPECIFIED if seconds is None else str(SECONDS) % {"n": seconds}
    return kind.found(answer, wait=wait)
