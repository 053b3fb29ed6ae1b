"""The path: is the SCIM root where the URL says, and do slashes come through?"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.answers import HTTPAnswer, NoAnswer
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import redirects
from django_scim_provider.tools.doctor.kinds import Kind, Level
from django_scim_provider.tools.http import NO_TOKEN

WRONG = Kind(
    "wrong-prefix",
    _("There is no SCIM at this path; it answers at %(found)s."),
    _(
        "Give the identity provider that address; or include django_scim_provider.urls at the path "
        "that it has, or let the proxy map the one to the other."
    ),
)
SLASH_DROPPED = Kind(
    "proxy-drops-slash",
    _("There is no SCIM at this path, but there is with a doubled slash after it."),
    _(
        "The proxy cuts a slash off: give both sides one, or neither (nginx: location /scim/v2/ "
        "with proxy_pass http://app/scim/v2/; Apache: ProxyPass the same way)."
    ),
)
PATH_CHANGED = Kind(
    "proxy-changes-path",
    _("SCIM answers at this path, but has no ServiceProviderConfig there."),
    _(
        "The URL goes on past the SCIM root, or the proxy changes the path on the way: give both "
        "sides of proxy_pass or ProxyPass the same path."
    ),
)
DOUBLE_SLASH = Kind(
    "double-slash",
    _("The path of the URL has a doubled slash: %(path)s."),
    _("Give the identity provider the URL with single slashes; servers treat the two differently."),
)
TRAILING_SLASH = Kind(
    "trailing-slash",
    _("The URL ends in a slash; with it identity providers ask for %(path)s, which is not found."),
    _("Give the identity provider the URL without the slash at the end."),
    level=Level.WARNING,
)
INTERCEPTED = Kind(
    "authorization-intercepted",
    _("%(request)s is answered with 401 by something in front of the application, not by SCIM."),
    _(
        "Exempt the SCIM path from the proxy's own log-in (nginx: auth_basic off, auth_request "
        "off; Apache: Require all granted), and let it pass the Authorization header on."
    ),
)
UNSENT = (("GET", "/ServiceProviderConfig"), ("GET", "/Users"), ("POST", "/Users"))
"""What is tried without the token, so that nothing can happen."""
COMMON = ("/scim/v2", "/api/scim/v2", "/scim", "/api/scim", "/scim/v2.0", "/v2", "")


def check_redirects(examination: Examination) -> None:
    """Look for redirects before the token is sent anywhere."""
    for method, path in UNSENT:
        body = b"{}" if method == "POST" else None
        answer = examination.send(method, path, token=NO_TOKEN, body=body)
        if answer.is_redirect:
            examination.add(redirects.finding(answer, examination.base_url))
            return


def check_prefix(examination: Examination) -> None:
    """Look whether SCIM answers, and if not, where it does."""
    path = examination.base_url.parts.path
    if "//" in path:
        examination.note(DOUBLE_SLASH, path=path)
        return
    answer = examination.send("GET", "/ServiceProviderConfig", token=NO_TOKEN)
    if answer.is_scim and answer.status in (200, 401):
        return
    if answer.status == 401:
        examination.note(INTERCEPTED, answer)
    elif not answer.is_scim and answer.status in (200, 404, 405):
        _search(examination, answer)
    else:
        examination.diagnose(answer)


def check_slashes(examination: Examination) -> None:
    """See what happens to a URL that was given with a slash at its end."""
    if not examination.base_url.trailing_slash:
        return
    answer = examination.send("GET", "//ServiceProviderConfig")
    if answer.status != 200:
        path = f"{examination.base_url.parts.path}//ServiceProviderConfig"
        examination.note(TRAILING_SLASH, answer, path=path)


def find_root(examination: Examination, token: str = NO_TOKEN) -> str | None:
    """Return the address of the same origin where SCIM answers, or None."""
    for path in dict.fromkeys(_candidates(examination)):
        root = examination.base_url.at_root(path)
        try:
            answer = examination.send("GET", "/ServiceProviderConfig", root=root, token=token)
        except NoAnswer:
            return None
        if answer.is_scim and answer.status in ((200,) if token else (200, 401)):
            return root
    return None


def _search(examination: Examination, answer: HTTPAnswer) -> None:
    doubled = examination.send("GET", "//ServiceProviderConfig", token=NO_TOKEN)
    if doubled.is_scim and doubled.status in (200, 401):
        examination.note(SLASH_DROPPED, doubled)
        return
    found = find_root(examination)
    if found is None:
        examination.diagnose(answer)
    else:
        examination.note(WRONG, answer, found=found)


def _candidates(examination: Examination) -> Iterator[str]:
    """Yield paths: the caller's own, those around the one that was given, usual ones."""
    own = examination.base_url.parts.path
    if examination.own_path is not None:
        yield examination.own_path
    segments = [segment for segment in own.split("/") if segment]
    for count in range(len(segments), 0, -1):
        shorter = "/" + "/".join(segments[:count])
        yield from (shorter, f"{shorter}/v2", f"{shorter}/scim/v2", f"{shorter}/v2.0")
    yield from COMMON
