"""A test client that speaks SCIM over Django's own handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.test import Client

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SCIM_JSON = "application/scim+json"


@dataclass(frozen=True)
class Answer:
    """What came back; ``json`` is None without a body."""

    status: int
    headers: Any
    json: Any
    text: str


class SCIMTestClient:
    """Sends requests below ``/scim/v2`` with one token."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request; ``body`` is JSON or raw bytes, headers are named in WSGI style."""
        if self.token is not None:
            headers.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.token}")
        content_type = headers.pop("CONTENT_TYPE", SCIM_JSON)
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        extra: dict[str, Any] = {**headers}
        response = self.client.generic(
            method, f"/scim/v2{path}", data, content_type=content_type, **extra
        )
        raw = response.content
        decoded = orjson.loads(raw) if raw else None
        return Answer(response.status_code, response.headers, decoded, raw.decode())

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.request("GET", path, **headers)

    def create_user(self, user_name: str, **attributes: Any) -> dict[str, Any]:
        """Create a user and return it; anything but 201 fails the test."""
        body = {"schemas": [CORE], "userName": user_name, **attributes}
        answer = self.request("POST", "/Users", body)
        assert answer.status == 201, answer.text
        created: dict[str, Any] = answer.json
        return created

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Answer:
        """PATCH with these operations."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self.request("PATCH", path, body, **headers)

    def find(self, expression: str, resource: str = "Users", **parameters: Any) -> Answer:
        """GET a collection with a filter."""
        query = urlencode({"filter": expression, **parameters})
        return self.get(f"/{resource}?{query}")
