"""Which media type an answer has (RFC 9110 section 12.5.1), and which parser reads a body."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from django_scim_provider.core.errors import NotAcceptable


class SCIMContentNegotiation(BaseContentNegotiation):
    """Follows Accept; the first renderer where there is none or anything goes."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser of the body's media type, or None."""
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type in (sent, "*/*")), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer that the client likes best, and its media type.

        Raises:
            NotAcceptable: the client accepts none of them.
        """
        held = list(renderers)
        accept = request.META.get("HTTP_ACCEPT", "")
        place = _best(accept[:1024], tuple(str(renderer.media_type) for renderer in held))
        if place is None:
            raise NotAcceptable()
        return held[place], str(held[place].media_type)


# The key is a client's text, and a miss costs 4 microseconds: an eviction hurts nobody.
@lru_cache(maxsize=256)
def _best(accept: str, offered: tuple[str, ...]) -> int | None:
    """Return the place of the offered media type that an Accept header prefers."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    if not ranges or not offered:
        return 0 if offered else None
    qualities = [_quality(ranges, media_type) for media_type in offered]
    best = max(qualities)
    return qualities.index(best) if best > 0 else None


def _range(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 1.0
    return media_range, quality


def _quality(ranges: list[tuple[str, float]], media_type: str) -> float:
    """Return the quality of the most specific range that a media type falls into."""
    whole = media_type.partition("/")[0] + "/*"
    for wanted in (media_type, whole, "*/*"):
        found: list[Any] = [quality for media_range, quality in ranges if media_range == wanted]
        if found:
            return float(max(found))
    return 0.0
