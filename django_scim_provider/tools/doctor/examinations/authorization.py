"""Does the ``Authorization`` header arrive, and does the token open anything?

A refused token and a header that was dropped on the way are both 401. They differ in the challenge:
it has an ``error`` only where a bearer token arrived (RFC 6750 section 3). Why a token is refused
is told to nobody outside; the caller of the doctor may know.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import prefix
from django_scim_provider.tools.doctor.examinations.token_state import (
    GOOD_HERE,
    MALFORMED,
    REFUSED,
)
from django_scim_provider.tools.doctor.kinds import Kind, Level
from django_scim_provider.tools.http import NO_TOKEN

STRIPPED = Kind(
    "authorization-stripped",
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
    _("GET /Users is answered with 200 %(how)s: anyone with the URL can read all people's data."),
    _(
        "Take the URL offline now. Look for a proxy that adds an Authorization header of "
        "its own, or a cache that ignores it, and for what stands in for the app's authentication."
    ),
)
NO_CHALLENGE = Kind(
    "challenge-missing",
    _(
        "A 401 response arrives without WWW-Authenticate, so a lost header cannot be told from a "
        "refused token."
    ),
    _("Let the proxy pass WWW-Authenticate on (nginx: no proxy_hide_header; Apache: no unset)."),
    level=Level.WARNING,
)
WITHOUT = _("without a token")
INVENTED = _("with a made-up token")


@sensitive_variables()
def check_authorization(examination: Examination) -> None:
    """Compare the answers to no token, an invented one and the given one."""
    token = examination.token
    bare = _users(examination, NO_TOKEN)
    invented = _users(examination, token.invented())
    if 200 in (bare.status, invented.status):
        how = WITHOUT if bare.status == 200 else INVENTED
        examination.note(OPEN, invented, how=how)
        return
    if not token.is_well_formed:  # not sent: what it is, nobody knows
        examination.note(MALFORMED)
        _note_refusal(examination, invented)
        return
    given = _users(examination, token.text)
    if given.status == 401:
        reason = replace(token.why_refused(), request_id=given.request_id)
        if _note_refusal(examination, given) or reason.kind not in (GOOD_HERE, REFUSED):
            examination.add(reason)  # a lost header explains it all
    elif not given.is_scim or given.status not in (200, 403, 404):
        examination.diagnose(given)
    else:
        if not bare.challenge:
            examination.note(NO_CHALLENGE, bare)
        _look_closer(examination)


def _users(examination: Examination, token: str) -> HTTPAnswer:
    return examination.send("GET", "/Users", token=token, params={"count": 0})


def _note_refusal(examination: Examination, answer: HTTPAnswer) -> bool:
    """Tell whether a 401 may be the application's, for the token; note what it says otherwise."""
    if answer.status == 401 and not answer.is_scim:
        examination.note(prefix.INTERCEPTED, answer)
        return False
    if answer.status == 401 and not answer.challenge:
        examination.note(NO_CHALLENGE, answer)
    elif answer.status == 401 and "error=" not in answer.challenge:
        examination.note(STRIPPED, answer)
        return False
    return True


def _look_closer(examination: Examination) -> None:
    """Look at what only a good token shows."""
    soon = examination.token.expires_soon()
    if soon is not None:
        examination.add(soon)
    config = examination.send("GET", "/ServiceProviderConfig")
    if config.is_scim and config.status == 404:
        found = prefix.find_root(examination, token=examination.token.text)
        kind = prefix.PATH_CHANGED if found is None else prefix.WRONG
        examination.note(kind, config, found=found)
