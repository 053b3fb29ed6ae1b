"""Large answers: sent piece by piece, so that memory does not grow with them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import chain
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.core.listing.plan import Body
from django_scim_provider.observability.exchange import Exchange, current_exchange
from django_scim_provider.observability.faults import for_log
from django_scim_provider.rest.content.renderers import SCIMJSONRenderer

logger = logging.getLogger("django_scim_provider")

MIN_PIECE = 64 * 1024
"""Bytes that are sent at once, but for the end."""


def response_of(
    request: Request,
    body: Body | None,
    *,
    inside: Callable[[Iterator[bytes]], Iterator[bytes]] = iter,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HttpResponseBase:
    """Return the response with a body; one in pieces is sent while they are made.

    The first piece is made here, so that the status can say that the database is unavailable.
    A renderer of the project's own gets the body whole. ``inside`` sees to it that the others are
    made where the first one is.
    """
    if body is None or isinstance(body, bytes):
        return Response(body, status=status, headers=headers)
    renderer: Any = getattr(request, "accepted_renderer")  # noqa: B009 - the stubs do not have it
    if type(renderer).render is not SCIMJSONRenderer.render:
        return Response(b"".join(body), status=status, headers=headers)
    gathered = _gathered(body)
    pieces = _told(chain([next(gathered)], inside(gathered)), current_exchange())
    return StreamedAnswer(
        request._request, pieces, status=status, headers=headers, content_type=renderer.media_type
    )


class StreamedAnswer(StreamingHttpResponse):
    """A response in pieces under WSGI and ASGI; it has no ``Content-Length``.

    Code of the project that reads ``content``, as it may do with any other answer, gets the body
    whole.
    """

    listener: Callable[[bytes | None], None] | None = None
    """Hears each piece as it is sent, and None when all were, in the thread that makes them."""

    def __init__(self, request: Any, pieces: Iterator[bytes], **options: Any) -> None:
        self._pieces = pieces = self._overheard(pieces)
        self._whole: bytes | None = None
        is_async = isinstance(request, ASGIRequest)
        super().__init__(_awaited(pieces) if is_async else pieces, **options)

    @property
    def content(self) -> bytes:  # type: ignore[override]  # Django's own raises AttributeError
        """Return the whole body, which is sent as one piece then."""
        if self._whole is None:
            pieces: Any = self._pieces if self.is_async else self.streaming_content
            self._whole = b"".join(pieces)
            self.streaming_content = [self._whole]
        return self._whole

    def _overheard(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if self.listener is not None:
                self.listener(piece)
            yield piece
        if self.listener is not None:
            self.listener(None)

    def send_nothing(self) -> None:
        """Answer HEAD: the headers alone."""
        self.streaming_content = []


def without_length(response: HttpResponse) -> StreamedAnswer:
    """Return a rendered answer without ``Content-Length``, so that the server ends the connection.

    What a body leaves on it would be read as the next request; an application under WSGI may not
    send ``Connection: close`` itself (PEP 3333).
    """
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    answer = StreamedAnswer(
        None, iter([response.content]), status=response.status_code, headers=headers
    )
    if hasattr(response, "_has_been_logged"):
        answer._has_been_logged = response._has_been_logged  # type: ignore[attr-defined]
    return answer


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces joined to such a size that sending costs little; there is at least one."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= MIN_PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _told(pieces: Iterator[bytes], exchange: Exchange | None) -> Iterator[bytes]:
    """Log what ends an answer that is under way.

    The server then breaks the connection off, so that the client sees that the answer is not whole.
    """
    try:
        yield from pieces
    except Exception as problem:
        if exchange is not None:
            logger.error(
                "SCIM %s %s broke off (request %s)",
                exchange.operation,
                exchange.path,
                exchange.request_id,
                exc_info=for_log(problem),
            )
        raise


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces, each made in the thread of the view, where its database connection is."""

    def following() -> bytes | None:
        return next(pieces, None)

    while (piece := await sync_to_async(following, thread_sensitive=True)()) is not None:
        yield piece
