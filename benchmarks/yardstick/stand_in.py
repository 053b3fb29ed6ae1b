"""Stands in for a SCIM server: nobody is there, all is created, and what was sent is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django_scim_provider.core.urns import LIST_URN
from django_scim_provider.tools.answers import HTTPAnswer

TEMPORARY = "noted-"
"""What ids begin with that no server has given."""


class StandIn:
    """Sends nothing."""

    token = "none"  # noqa: S105 - there is nobody who asks for one

    def __init__(self) -> None:
        self._created: dict[str, dict[str, Any]] = {}
        self._paths: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **waits: Any,
    ) -> HTTPAnswer:
        """Answer as an empty server would."""
        status, content = 204, b""
        if method == "GET":
            status, content = 200, _json({"schemas": [LIST_URN], "totalResults": 0})
        elif method == "POST":
            id = f"{TEMPORARY}{len(self._paths)}"
            self._created[id], self._paths[id] = body, path
            shown = {name: value for name, value in body.items() if name != "password"}
            status, content = 201, _json({**shown, "id": id, "active": True})
        return HTTPAnswer(
            method=method,
            path=path,
            status=status,
            headers={},
            content=content,
            sent_at=datetime.now(UTC),
            seconds=0.0,
        )

    def taken(self, path: str) -> dict[str, dict[str, Any]]:
        """Return what was created below a path by its id, and forget it."""
        return {id: self._created.pop(id) for id in [*self._created] if self._paths[id] == path}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
