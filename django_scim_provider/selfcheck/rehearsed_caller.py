"""Requests of the checks, and what was answered or raised."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.signals import got_request_exception

from django_scim_provider.connections.recordings.rehearsing import Rehearsal

SCIM_JSON = "application/scim+json"


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """What was answered to a request."""

    asked: str
    """The method and the path."""
    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]
    """Empty without one, and where it is no JSON object."""
    raised: BaseException | None = None
    """What the project raised, where the answer is a fault (5xx)."""

    @property
    def says(self) -> str:
        """Return the status with the error."""
        told = (str(self.body.get("scimType") or ""), str(self.body.get("detail") or ""))
        return " ".join(filter(None, [str(self.status), *told]))

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of a list."""
        found = self.body.get("Resources")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def header(self, name: str) -> str:
        """Return a header by its name in any case; empty without it."""
        found = (value for key, value in self.headers.items() if key.lower() == name.lower())
        return next(found, "")


class RehearsedCaller:
    """Asks as one connection, in the process; what it writes is undone."""

    def __init__(self, rehearsal: Rehearsal, root: str, provider_id: str) -> None:
        self.provider_id = provider_id
        self._rehearsal, self._path = rehearsal, urlsplit(root).path

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HeardAnswer:
        """Return the answer to a request; ``path`` is below the SCIM root."""
        sent = {"Accept": SCIM_JSON, "X-Request-ID": "scim-selfcheck", **(headers or {})}
        content = b""
        if body is not None:
            sent["Content-Type"] = SCIM_JSON
            content = json.dumps(body).encode()
        asked = urlencode(query or {})
        with _raised() as raised:
            reply = self._rehearsal.ask(
                method, f"{self._path}{path}", asked, headers=sent, body=content
            )
        found = _object(reply.content)
        error = raised[-1] if raised and reply.status >= 500 else None
        return HeardAnswer(f"{method} {path}", reply.status, reply.headers, found, error)

    def get(self, path: str, **query: str | int) -> HeardAnswer:
        """GET a resource or a collection."""
        return self.send("GET", path, query=query)


@contextmanager
def _raised() -> Iterator[list[BaseException]]:
    """Collect what the views answer by an error, as error trackers hear of it."""
    found: list[BaseException] = []

    def note(**_: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            found.append(error)

    got_request_exception.connect(note, weak=False)
    try:
        yield found
    finally:
        got_request_exception.disconnect(note)


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content) if content else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
