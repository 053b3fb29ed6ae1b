"""What came back for a request, and what is raised where nothing did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.urns import ERROR_URN

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NoAnswer(Exception):
    """A request had no answer; ``__cause__`` is the error of the connection.

    ``request`` is its method and path, ``seconds`` how long it took. The text holds only what kind
    of error it was, whose own text could quote a header.
    """

    def __init__(self, request: str, why: str, seconds: float = 0.0) -> None:
        self.request, self.seconds = request, seconds
        super().__init__(f"no answer ({why})")


class Throttled(NoAnswer):
    """The server answers 429 for longer than may be waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPAnswer:
    """An answer, reduced to what is looked at."""

    method: str
    path: str
    """Below the SCIM root, as it was asked for."""
    status: int
    headers: Mapping[str, str]
    """By name in any case."""
    content: bytes
    sent_at: datetime
    seconds: float
    """How long it took to come."""
    request_id: str | None = None
    """The ``X-Request-ID`` that was sent."""
    authorized: bool = False
    """Was an ``Authorization`` header sent?"""
    certificate_ends: datetime | None = None
    """When the certificate of the server expires, over TLS."""

    @property
    def name(self) -> str:
        """Return the request as reports name it."""
        return f"{self.method} {self.path}"

    @property
    def received_at(self) -> datetime:
        """Return when it had come in."""
        return self.sent_at + timedelta(seconds=self.seconds)

    @property
    def media_type(self) -> str:
        """Return the media type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def decoded(self) -> Any:
        """Return the JSON value that the body is, whatever the media type says.

        Raises:
            ValueError: it is not JSON, or nested too deeply.
        """
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError("The body is nested too deeply.") from error

    @property
    def body(self) -> Resource:
        """Return the object that the body is, or ``{}``."""
        try:
            found = self.decoded()
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def is_scim(self) -> bool:
        """Tell whether a SCIM server wrote it: its bodies name their schemas."""
        return isinstance(self.body.get("schemas"), list)

    @property
    def is_scim_error(self) -> bool:
        """Tell whether it is a SCIM error (RFC 7644 section 3.12)."""
        return self.is_scim and ERROR_URN in self.body["schemas"]

    @property
    def is_html(self) -> bool:
        """Tell whether it is a page for people."""
        return self.media_type in ("text/html", "application/xhtml+xml") and not self.is_scim

    @property
    def is_redirect(self) -> bool:
        """Tell whether it sends elsewhere."""
        return self.status in REDIRECTS and "location" in self.headers

    @property
    def scim_type(self) -> str:
        """Return the ``scimType`` of an error, or a dash."""
        found = self.body.get("scimType")
        return found if isinstance(found, str) and found.isalpha() else "-"

    @property
    def resources(self) -> list[Resource]:
        """Return the resources of a ListResponse."""
        found = self.body.get("Resources")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def challenge(self) -> str:
        """Return the ``WWW-Authenticate`` header."""
        return self.headers.get("www-authenticate", "")

    @property
    def date(self) -> datetime | None:
        """Return the ``Date`` header; None where it is missing or no date."""
        return http_date(self.headers.get("date", ""))

    def retry_after(self) -> int | None:
        """Return the seconds of ``Retry-After`` (RFC 9110 section 10.2.3), or None."""
        sent = self.headers.get("retry-after", "").strip()
        if sent.isdecimal() and sent.isascii():
            return int(sent[:9])
        at = http_date(sent)
        return None if at is None else max(0, round((at - self.received_at).total_seconds()))


def http_date(text: str) -> datetime | None:
    """Return the time that an HTTP date is, with its zone, or None."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def scim_date(text: object) -> datetime | None:
    """Return the time that a ``dateTime`` of SCIM is, with its zone, or None."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
