"""Answers 429: who sent them, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import Answer
from django_scim_provider.tools.doctor.kinds import Finding, Kind, Level

THROTTLED = Kind(
    "throttled",
    Level.ERROR,
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
    Level.ERROR,
    _(
        "%(request)s, sent without a good token, was refused as one too many from its address "
        "(429); the server lets in again after %(wait)s."
    ),
    _(
        "Behind a proxy set NUM_PROXIES of SCIM_PROVIDER, or all clients count as one. Otherwise "
        "somebody at this address sends wrong tokens; THROTTLE_RATES['failed_authentication'] "
        "limits them."
    ),
)
THROTTLED_BY_PROXY = Kind(
    "throttled-by-proxy",
    Level.ERROR,
    _(
        "%(request)s was refused as one too many (429) by something in front of the application; "
        "it lets in again after %(wait)s."
    ),
    _(
        "Exempt the SCIM path from the proxy's or firewall's limit (nginx: limit_req, Apache: "
        "mod_evasive or mod_qos, a CDN: its rate rules); the application has limits of its own."
    ),
)


def finding(answer: Answer, *, with_token: bool) -> Finding:
    """Return the finding for an answer 429."""
    kind = THROTTLED if with_token else ADDRESS_THROTTLED
    if not answer.is_scim_error:
        kind = THROTTLED_BY_PROXY
    seconds = answer.retry_after()
    wait = _("an unspecified time") if seconds is None else _("%(n)s seconds")
    words = str(wait) % {"n": seconds} if seconds is not None else str(wait)
    return kind.found(answer.request_id, request=answer.name, wait=words)
