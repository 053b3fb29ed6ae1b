"""What each answer of the portal tells browsers: no frames, no foreign sources, nothing kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from django_scim_provider.conf import get_settings

FRAME_ANCESTORS = "frame-ancestors 'none'"

View = Callable[..., HttpResponse]


def content_security_policy() -> str:
    """Return the policy: the project's own, or one that allows our files and forms only.

    Nobody may put the pages into a frame, whatever the project's own says.
    """
    own = get_settings().PORTAL_CONTENT_SECURITY_POLICY
    if own is not None:
        parts = [part.strip() for part in own.split(";")]
        kept = [part for part in parts if part and not part.startswith("frame-ancestors")]
        return "; ".join([*kept, FRAME_ANCESTORS])
    files = " ".join(["'self'", *_origin_of_static_files()])
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {files}",
            f"img-src {files}",
            f"script-src {files}",
            "connect-src 'self'",  # to look whether something arrived
            "form-action 'self'",
            "base-uri 'none'",
            FRAME_ANCESTORS,
        ]
    )


def _origin_of_static_files() -> list[str]:
    """Return where style sheets come from, if that is another server."""
    parts = urlsplit(str(django_settings.STATIC_URL or ""))
    return [f"{parts.scheme or 'https'}://{parts.netloc}"] if parts.netloc else []


def protected(view: View) -> View:
    """Wrap a view so that each of its answers carries the headers.

    A referrer is sent to the own site only, and not left out there: browsers would then send no
    origin with forms, which the protection against forged ones asks for.
    """

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Content-Security-Policy"] = content_security_policy()
        response["X-Frame-Options"] = "DENY"
        response["Referrer-Policy"] = "same-origin"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store, private"
        patch_vary_headers(response, ["Cookie"])
        return response

    return answer
