"""What ServiceProviderConfig declares, held against what requests really do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.urns import BULK_REQUEST_URN
from django_scim_provider.tools.answers import HTTPAnswer, NoAnswer, Throttled
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.kinds import Kind, Level

BROKEN = Kind(
    "discovery-untrue",
    _("ServiceProviderConfig declares %(feature)s; %(request)s is answered with %(status)s."),
    _(
        "If the answer is the proxy's, let the request pass. Otherwise processes of different "
        "versions or settings answer: restart all of them."
    ),
)
MAX_RESULTS = Kind(
    "discovery-max-results",
    _("A page holds %(held)s resources, more than filter.maxResults (%(declared)s)."),
    _("Processes with different MAX_PAGE_SIZE answer, or old ones: restart all of them."),
)
BODY_LIMIT = Kind(
    "proxy-body-limit",
    _("A bulk request of %(size)s bytes, which ServiceProviderConfig allows, is refused (413)."),
    _(
        "Raise the limit of the proxy (nginx: client_max_body_size, Apache: LimitRequestBody), or "
        "lower BULK_MAX_PAYLOAD_SIZE of SCIM_PROVIDER to it."
    ),
)
BULK_LIMIT = Kind(
    "discovery-bulk",
    _("A bulk request beyond %(limit)s of ServiceProviderConfig is not refused with 413."),
    _("Processes with different BULK_MAX_* settings answer, or old ones: restart all of them."),
)
NO_INDEX = Kind(
    "filter-without-index",
    _("INDEXED_ATTRIBUTES names what has no index in the database yet: %(attributes)s."),
    _("Run scim_index_users on the server: until then, each filter by them reads all users."),
    level=Level.WARNING,
)
LARGEST = 16 * 1024 * 1024
"""Bytes; a larger bulk request is not tried."""


def check_behaviour(examination: Examination) -> None:
    """Try what needs no write: limits of pages and bulk requests, sorting, cursors."""
    if examination.offers("filter"):
        _check_filter(examination)
    if examination.offers("sort"):
        _try(examination, "sort", {"sortBy": "userName", "sortOrder": "descending"})
    if examination.offers("pagination", "cursor"):
        _try(examination, "pagination.cursor", {"cursor": ""})
    if examination.offers("bulk"):
        _check_bulk(examination)


def _check_filter(examination: Examination) -> None:
    if unindexed := examination.token.unindexed():
        examination.note(NO_INDEX, attributes=", ".join(unindexed))
    _try(examination, "filter", {"filter": 'userName eq "scim-doctor" and active eq true'})
    declared = examination.offers("filter", "maxResults")
    if not isinstance(declared, int) or declared < 1:
        return
    answer = _page(examination, {"count": declared + 1})
    if answer.status == 200 and len(answer.resources) > declared:
        held = len(answer.resources)
        examination.note(MAX_RESULTS, answer, held=held, declared=declared)
    elif answer.status != 200:
        examination.diagnose(answer)


def _try(examination: Examination, feature: str, params: Mapping[str, str | int]) -> None:
    answer = _page(examination, {"count": 1, **params})
    if answer.status == 200 and answer.is_scim:
        return
    if answer.is_scim and answer.status in (400, 501):
        examination.note(BROKEN, answer, feature=feature)
    else:
        examination.diagnose(answer)


def _page(examination: Examination, params: Mapping[str, str | int]) -> HTTPAnswer:
    """Ask for users, of whom nothing but the id comes over the wire."""
    return examination.send("GET", "/Users", params={"attributes": "id", **params})


def _check_bulk(examination: Examination) -> None:
    """Send bulk requests that change nothing: without operations, or with empty ones."""
    size = examination.offers("bulk", "maxPayloadSize")
    if isinstance(size, int) and 0 < size <= LARGEST:
        _check_size(examination, size)
    count = examination.offers("bulk", "maxOperations")
    if isinstance(count, int) and 0 < count <= LARGEST // 1024:
        body = {"schemas": [BULK_REQUEST_URN], "Operations": [{}] * (count + 1)}
        answer = _send_bulk(examination, body)
        if answer.is_scim and answer.status != 413:
            examination.note(BULK_LIMIT, answer, limit="maxOperations")


def _check_size(examination: Examination, size: int) -> None:
    answer = _send_bulk(examination, _padded(size))
    if answer.status == 413:
        examination.note(BODY_LIMIT, answer, size=size)
        return
    if not answer.is_scim or answer.status not in (200, 400, 403):
        examination.diagnose(answer)
        return
    try:
        answer = _send_bulk(examination, _padded(size + 1))
    except Throttled:
        raise
    except NoAnswer:
        return  # a server may close the connection on what is too large
    # A proxy may say 502, where the application closed the connection on what is too large.
    if answer.is_scim and answer.status != 413:
        examination.note(BULK_LIMIT, answer, limit="maxPayloadSize")


def _send_bulk(examination: Examination, body: Any) -> HTTPAnswer:
    """Send a bulk request on a connection that is not used again.

    Servers close one whose body they did not read, also after they answered keep-alive.
    """
    headers = {"Connection": "close"}
    return examination.send("POST", "/Bulk", body=body, headers=headers)


def _padded(size: int) -> bytes:
    """Return a bulk request of that many bytes without operations."""
    body = b'{"schemas":["%s"],"Operations":[]}' % BULK_REQUEST_URN.encode()
    return body + b" " * (size - len(body))
