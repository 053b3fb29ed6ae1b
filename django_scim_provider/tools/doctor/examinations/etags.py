"""Versions of resources: does the header arrive as it was sent, and do preconditions work?"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.urns import PATCH_URN
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Kind

CHANGED = Kind(
    "etag-changed",
    _("The ETag header does not arrive as meta.version says (%(how)s)."),
    _(
        "Turn compression off for the SCIM path, or let it keep ETags (Apache: DeflateAlterETag "
        "NoChange; nginx: gzip off, and no etag off); If-Match fails otherwise."
    ),
)
IGNORED = Kind(
    "etag-ignored",
    _(
        "ServiceProviderConfig declares etag; %(request)s with %(header)s is "
        "answered with %(status)s."
    ),
    _("Let the proxy pass If-Match and If-None-Match on; look for a cache that takes them away."),
)
DROPPED = _("it is missing")
REWRITTEN = _("it was rewritten")


def check_etag(examination: Examination, path: str) -> None:
    """Read one resource by its version, and try a change that expects another one."""
    if not examination.offers("etag"):
        return
    answer = examination.send("GET", path)
    meta, sent = answer.body.get("meta"), answer.headers.get("etag")
    version = meta.get("version") if isinstance(meta, dict) else None
    if answer.status != 200 or not isinstance(version, str):
        return  # what is wrong with that, other steps say
    if sent != version:
        how = DROPPED if sent is None else REWRITTEN
        examination.note(CHANGED, answer, how=how)
    _expect(examination, "GET", path, "If-None-Match", version, 304)
    _expect(examination, "PATCH", path, "If-Match", 'W/"scim-doctor"', 412)


def _expect(
    examination: Examination, method: str, path: str, header: str, value: str, status: int
) -> None:
    operations = [{"op": "replace", "value": {"displayName": "SCIM doctor, conditionally"}}]
    body = {"schemas": [PATCH_URN], "Operations": operations} if method == "PATCH" else None
    answer = examination.send(method, path, body=body, headers={header: value})
    if answer.status != status:
        examination.diagnose(answer, IGNORED, request=f"{method} /Users/{{id}}", header=header)
