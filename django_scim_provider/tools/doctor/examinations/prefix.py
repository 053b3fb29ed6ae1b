"""The path: is the SCIM root where the URL says, and do slashes come through?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.doctor.answers import Answer
from django_scim_provider.tools.doctor.diagnosis import diagnose
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations import redirects
from django_scim_provider.tools.doctor.exchange import NO_TOKEN
from django_scim_provider.tools.doctor.findings import Kind, Level, NoAnswer

WRONG = Kind(
    "wrong-prefix",
    Level.ERROR,
    _("There is no SCIM at this path; it answers at %(found)s."),
    _(
        "Give the identity provider that address; or include django_scim_provider.urls at the path "
        "that it has, or let the proxy map the one to the other."
    ),
)
SLASH_DROPPED = Kind(
    "proxy-drops-slash",
    Level.ERROR,
    _("There is no SCIM at this path, but there is with a doubled slash after it."),
    _(
        "The proxy cuts a slash off: give both sides one, or neither (nginx: location /scim/v2/ "
        "with proxy_pass http://app/scim/v2/; Apache: ProxyPass the same way)."
    ),
)
PATH_CHANGED = Kind(
    "proxy-changes-path",
    Level.ERROR,
    _("SCIM answers at this path, but has no ServiceProviderConfig there."),
    _(
        "The URL goes on past the SCIM root, or the proxy changes the path on the way, as with a "
        "doubled slash: give both sides of proxy_pass or ProxyPass a slash at the end, or neither."
    ),
)
DOUBLE_SLASH = Kind(
    "double-slash",
    Level.ERROR,
    _("The path of the URL has a doubled slash: %(path)s."),
    _("Give the identity provider the URL with single slashes; servers treat the two differently."),
)
TRAILING_SLASH = Kind(
    "trailing-slash",
    Level.WARNING,
    _("The URL ends in a slash; with it identity providers ask for %(path)s, which is not found."),
    _("Give the identity provider the URL without the slash at the end."),
)
INTERCEPTED = Kind(
    "authorization-intercepted",
    Level.ERROR,
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
        answer = examination.exchange.send(method, path, token=NO_TOKEN, body=body)
        if answer.is_redirect:
            examination.add(redirects.finding(answer, examination.base_url))
            return


def check_prefix(examination: Examination) -> None:
    """Look whether SCIM answers, and if not, where it does."""
    path = examination.base_url.parts.path
    if "//" in path:
        examination.add(DOUBLE_SLASH.found(path=path))
        return
    answer = examination.exchange.send("GET", "/ServiceProviderConfig", token=NO_TOKEN)
    if answer.is_scim and answer.status in (200, 401):
        return
    if answer.status == 401:
        examination.add(INTERCEPTED.found(answer.request_id, request=answer.name))
    elif not answer.is_scim and answer.status in (200, 404, 405):
        _search(examination, answer)
    else:
        examination.add(diagnose(answer, examination.base_url))


def check_slashes(examination: Examination) -> None:
    """See what happens to a URL that was given with a slash at its end."""
    if not examination.base_url.trailing_slash:
        return
    answer = examination.exchange.send("GET", "//ServiceProviderConfig")
    if answer.status != 200:
        path = f"{examination.base_url.parts.path}//ServiceProviderConfig"
        examination.add(TRAILING_SLASH.found(answer.request_id, path=path))


def find_root(examination: Examination, token: str = NO_TOKEN) -> str | None:
    """Return the address of the same origin where SCIM answers, or None."""
    for path in dict.fromkeys(_candidates(examination)):
        url = examination.base_url.at_root(path)
        name = "/ServiceProviderConfig"
        try:
            answer = examination.exchange.send_to(url + name, "GET", name, token=token)
        except NoAnswer:
            return None
        if answer.is_scim and answer.status in ((200,) if token else (200, 401)):
            return url
    return None


def _search(examination: Examination, answer: Answer) -> None:
    doubled = examination.exchange.send("GET", "//ServiceProviderConfig", token=NO_TOKEN)
    if doubled.is_scim and doubled.status in (200, 401):
        examination.add(SLASH_DROPPED.found(doubled.request_id))
        return
    found = find_root(examination)
    if found is None:
        examination.add(diagnose(answer, examination.base_url))
    else:
        examination.add(WRONG.found(answer.request_id, found=found))


def _candidates(examination: Examination) -> Iterator[str]:
    """Yield paths: where this project has the routes, around the one that was given, usual ones."""
    own = examination.base_url.parts.path
    with suppress(NoReverseMatch):  # under another namespace, or only on the server
        yield reverse("scim:root").rstrip("/")
    segments = [segment for segment in own.split("/") if segment]
    for count in range(len(segments), 0, -1):
        shorter = "/" + "/".join(segments[:count])
        yield from (shorter, f"{shorter}/v2", f"{shorter}/scim/v2", f"{shorter}/v2.0")
    yield from COMMON
