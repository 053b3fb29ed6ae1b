"""Does the ``Authorization`` header arrive, and does the token open anything?

A refused token and a header that was dropped on the way are both 401. They differ in the challenge:
it has an ``error`` only where a bearer token arrived (RFC 6750 section 3). Why a token is refused
is not said outside, but this command may read the project's database.
"""

from __future__ import annotations

import secrets

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.tokens.wire import WireToken, decode, new_secret
from django_scim_provider.tools.doctor.answers import Answer
from django_scim_provider.tools.doctor.diagnosis import diagnose
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import prefix
from django_scim_provider.tools.doctor.examinations.token_state import (
    GOOD_HERE,
    MALFORMED,
    REFUSED,
    expires_soon,
    why_refused,
)
from django_scim_provider.tools.doctor.exchange import NO_TOKEN
from django_scim_provider.tools.doctor.findings import Kind, Level

STRIPPED = Kind(
    "authorization-stripped",
    Level.ERROR,
    _(
        "The Authorization header does not reach the application: a request with a token is "
        "answered like one without."
    ),
    _(
        "Apache with mod_wsgi: WSGIPassAuthorization On. Apache with mod_cgi or mod_proxy_fcgi: "
        "CGIPassAuth On; with mod_fcgid: FcgidPassHeader Authorization. nginx: neither "
        "proxy_set_header Authorization with another value nor proxy_pass_request_headers off. A "
        "CDN or API gateway: forward the Authorization header to the origin."
    ),
)
OPEN = Kind(
    "open-to-everyone",
    Level.ERROR,
    _("GET /Users is answered with 200 %(how)s: whoever knows the URL reads all people's data."),
    _(
        "Take the URL offline now. Look for a proxy that adds an Authorization header of "
        "its own, or a cache that ignores it, and for what stands in for the app's authentication."
    ),
)
NO_CHALLENGE = Kind(
    "challenge-missing",
    Level.WARNING,
    _(
        "A 401 response arrives without WWW-Authenticate, so a lost header cannot be told from a "
        "refused token."
    ),
    _("Let the proxy pass WWW-Authenticate on (nginx: no proxy_hide_header; Apache: no unset)."),
)
WITHOUT = _("without a token")
INVENTED = _("with a made-up token")


@sensitive_variables()
def check_authorization(examination: Examination) -> None:
    """Compare the answers to no token, an invented one and the given one."""
    token = decode(examination.token)
    bare = _users(examination, NO_TOKEN)
    invented = _users(examination, _invented(token))
    if 200 in (bare.status, invented.status):
        how = WITHOUT if bare.status == 200 else INVENTED
        examination.add(OPEN.found(invented.request_id, how=how))
        return
    if token is None:  # not sent: what it is, nobody knows
        examination.add(MALFORMED.found())
        _note_refusal(examination, invented)
        return
    given = _users(examination, examination.token)
    if given.status == 401:
        reason = why_refused(examination.token, given.request_id)
        if _note_refusal(examination, given) or reason.kind not in (GOOD_HERE, REFUSED):
            examination.add(reason)  # a lost header explains it all
    elif not given.is_scim or given.status not in (200, 403, 404):
        examination.add(diagnose(given, examination.base_url))
    else:
        if not bare.challenge:
            examination.add(NO_CHALLENGE.found(bare.request_id))
        _look_closer(examination)


def _users(examination: Examination, token: str) -> Answer:
    return examination.exchange.send("GET", "/Users", token=token, params={"count": 0})


def _note_refusal(examination: Examination, answer: Answer) -> bool:
    """Tell whether a 401 may be the application's, for the token; note what it says otherwise."""
    if answer.status == 401 and not answer.is_scim:
        examination.add(prefix.INTERCEPTED.found(answer.request_id, request=answer.name))
        return False
    if answer.status == 401 and not answer.challenge:
        examination.add(NO_CHALLENGE.found(answer.request_id))
    elif answer.status == 401 and "error=" not in answer.challenge:
        examination.add(STRIPPED.found(answer.request_id))
        return False
    return True


def _look_closer(examination: Examination) -> None:
    """Look at what only a good token shows."""
    soon = expires_soon(examination.token)
    if soon is not None:
        examination.add(soon)
    config = examination.exchange.send("GET", "/ServiceProviderConfig")
    if config.is_scim and config.status == 404:
        found = prefix.find_root(examination, token=examination.token)
        kind = prefix.PATH_CHANGED if found is None else prefix.WRONG
        examination.add(kind.found(config.request_id, found=found))


def _invented(token: WireToken | None) -> str:
    """Return a token of the usual form that opens nothing."""
    provider_id = "scim-doctor-" + secrets.token_hex(4) if token is None else token.provider_id
    return WireToken(new_secret(), provider_id).encode()
