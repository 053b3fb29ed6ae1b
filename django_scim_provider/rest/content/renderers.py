"""Answers as JSON: spliced text goes out as it is, everything else by orjson."""

from __future__ import annotations

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

SCIM_MEDIA_TYPE = "application/scim+json"


class SCIMJSONRenderer(BaseRenderer):
    """``application/scim+json`` (RFC 7644 section 8.1)."""

    media_type = SCIM_MEDIA_TYPE
    format = "scim"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """Return the body; None has none."""
        if isinstance(data, bytes):
            return data
        return b"" if data is None else orjson.dumps(data)


class PlainJSONRenderer(SCIMJSONRenderer):
    """``application/json``, for clients that ask for it (OneLogin, implement-scim-api)."""

    media_type = "application/json"
    format = "json"
