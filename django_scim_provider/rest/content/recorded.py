"""Keeping an exchange for the recorder, once its answer is made and its transaction is over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from django.urls import NoReverseMatch, reverse
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.connections.base_url import root_path
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.observability.exchange import Exchange
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.content.requests import WITH_BODY, body_of
from django_scim_provider.rest.content.streaming import StreamedAnswer
from django_scim_provider.storage.recorder.keeping import MAX_BODY, Recorded, end_of_time, keep
from django_scim_provider.storage.recorder.redaction import Redaction

logger = logging.getLogger("django_scim_provider")

LOOKED_AT = 1024 * 1024
"""Bytes of an answer that are looked through; of a larger one the body is not kept."""


def record(view: Any, request: Any, response: Any, until: datetime) -> None:
    """Keep what a view was asked and what it answers; whatever fails here is logged alone."""
    exchange: Exchange = view.exchange
    try:
        if utc(until) <= utc_now():
            end_of_time(str(exchange.provider_id))
        elif isinstance(response, StreamedAnswer) and request.method != "HEAD":
            response.listener = _Pieces(partial(_keep, view, request, response, until)).hear
        else:
            _keep(view, request, response, until, getattr(response, "data", None))
    except Exception as error:
        _complain(error)


class _Pieces:
    """What was sent of an answer in pieces, as long as it is not too much.

    Of one that the client does not take to its end nothing is kept.
    """

    def __init__(self, keeps: Callable[..., None]) -> None:
        self._keeps = keeps
        self._held: list[bytes] = []
        self._size = 0

    def hear(self, piece: bytes | None) -> None:
        """Take a piece; None is the end."""
        if piece is None:
            self._end()
            return
        self._size += len(piece)
        if self._size <= LOOKED_AT:
            self._held.append(piece)
        else:
            self._held.clear()

    def _end(self) -> None:
        try:
            self._keeps(b"".join(self._held), is_large=self._size > LOOKED_AT)
        except Exception as error:
            _complain(error)


def _complain(error: Exception) -> None:
    # Without the traceback: its variables hold what must not reach a log.
    logger.warning("A SCIM request could not be recorded (%s)", type(error).__name__)


@sensitive_variables()
def _keep(
    view: Any, request: Any, response: Any, until: datetime, data: Any, *, is_large: bool = False
) -> None:
    exchange, redaction = view.exchange, Redaction(get_registry().never_returned())
    asked = view.request
    # What the answer may repeat comes first.
    redaction.forget(request.headers.get("Authorization", "").rpartition(" ")[2])
    query = redaction.parameters(request.GET.dict())
    body, note = _request_body(asked, redaction)
    left_out = is_large or redaction.is_overfull
    answer, answer_note = ("", "large") if left_out else _answer_body(data, redaction)
    token = asked.auth
    told = Recorded(
        method=str(request.method),
        path=_below_root(request),
        query=query,
        headers=redaction.headers(request.headers),
        body=body,
        note=note,
        scopes=sorted(token.scopes),
        answer_headers=redaction.headers(_headers_of(response)),
        answer=answer,
        answer_note=answer_note,
    )
    row = {
        "at": utc_now(),
        "operation": exchange.operation[:64],
        "status": response.status_code,
        "request_id": exchange.request_id[:64],
        "duration": int((time.perf_counter() - exchange.started) * 1000),
    }
    keep(token.provider_id, until, row, told)


def _request_body(asked: Any, redaction: Redaction) -> tuple[str, str]:
    if asked.method not in WITH_BODY:
        return "", ""
    found = body_of(asked)
    # REST framework takes what it cannot read for nothing; an empty object has two characters.
    if not found and asked.META.get("CONTENT_LENGTH") != "2":
        return "", "unread"
    return _text(redaction.body(found or {}))


def _answer_body(data: Any, redaction: Redaction) -> tuple[str, str]:
    if data is None or data == b"":
        return "", ""
    if isinstance(data, bytes):
        if len(data) > LOOKED_AT:
            return "", "large"
        data = orjson.loads(data)
    return _text(redaction.body(data))


def _text(value: Any) -> tuple[str, str]:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return (text[:MAX_BODY], "cut") if len(text) > MAX_BODY else (text, "")


def _headers_of(response: Any) -> Mapping[str, str]:
    """Return the headers; those of a body that is rendered later are not all there yet."""
    found = dict(response.items())
    renderer = getattr(response, "accepted_renderer", None)
    if renderer is not None:
        found["Content-Type"] = renderer.media_type
    if response.status_code in (204, 304):  # REST framework takes it from what has no body
        found.pop("Content-Type", None)
    return found


def _below_root(request: Any) -> str:
    match = request.resolver_match
    is_ours = match is not None and match.app_names[-1:] == ["scim"]
    try:
        root = reverse(f"{match.namespace}:root") if is_ours else root_path()
    except NoReverseMatch:  # a route of the project's own alone
        return str(request.path)
    return str(request.path).removeprefix(root.rstrip("/"))
