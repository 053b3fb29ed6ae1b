"""Bodies: read once, with a hard limit, and parsed strictly."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

from django.http import UnreadablePostError
from rest_framework.parsers import BaseParser

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import InvalidSyntax, PayloadTooLarge, UnsupportedMediaType
from django_scim_provider.core.jsontext import loads
from django_scim_provider.rest.content.requests import declared_length

DRAINED_BYTES = 16 * 1024 * 1024
"""At most this much is read of a body that is refused for its size."""
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


class SCIMJSONParser(BaseParser):
    """Reads ``application/scim+json`` in UTF-8."""

    media_type = "application/scim+json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says.

        Raises:
            UnsupportedMediaType: it is compressed, or not in UTF-8.
            PayloadTooLarge: it is larger than the view takes.
            InvalidSyntax, InvalidValue: it is not JSON that can be stored.
        """
        context = parser_context or {}
        request, limit = context["request"], context["view"].max_body_bytes
        refuse_encoding(media_type or "", request.META)
        length = declared_length(request.META) or 0
        try:
            raw = b"" if length > limit else _read(stream, limit + 1)
        except UnreadablePostError as error:
            raise InvalidSyntax(
                "The request body ended early, or its chunks are broken."
            ) from error
        if max(length, len(raw)) > limit:
            _drain(stream)
            raise PayloadTooLarge(f"The request body is larger than {limit} bytes.")
        if len(raw) < length:
            raise InvalidSyntax("The request body ended early.")
        settings = get_settings()
        return loads(raw, max_depth=settings.MAX_BODY_DEPTH, max_objects=settings.MAX_BODY_OBJECTS)


class PlainJSONParser(SCIMJSONParser):
    """Reads ``application/json`` the same way (RFC 7644 section 3.1)."""

    media_type = "application/json"


def _read(stream: IO[Any], most: int) -> bytes:
    """Return the body, or as much of it; a read may bring less than it asks for."""
    parts, left = [], most
    while left > 0 and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _drain(stream: IO[Any]) -> None:
    """Read on: a client that still sends when the connection is closed never sees the answer."""
    left = DRAINED_BYTES
    with suppress(UnreadablePostError):
        while left > 0 and (chunk := stream.read(min(left, 64 * 1024))):
            left -= len(chunk)


def refuse_encoding(media_type: str, meta: Mapping[str, Any]) -> None:
    """Refuse compressed bodies and other charsets than UTF-8.

    Raises:
        UnsupportedMediaType: naming what is not read.
    """
    if meta.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType("Compressed request bodies are not supported.")
    for parameter in media_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in _UTF8:
            raise UnsupportedMediaType("The body must be in UTF-8.")
