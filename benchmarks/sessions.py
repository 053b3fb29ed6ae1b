"""Requests through Django's handler, and how their bodies are filled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.test import Client

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@dataclass(frozen=True)
class Request:
    """A request to the SCIM root."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, Any] = field(default_factory=dict)


class Session:
    """Sends requests through Django's handler, without a network."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False, headers={"host": "localhost"})

    def send(self, request: Request) -> tuple[int, bytes]:
        """Return the status and the body of the answer."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.token}", **request.headers}
        answer = self.client.generic(
            request.method,
            f"/scim/v2{request.path}",
            request.body,
            content_type="application/scim+json",
            **headers,
        )
        return answer.status_code, b"".join(answer) if answer.streaming else answer.content

    def made(self, path: str, **attributes: Any) -> str:
        """Create a resource and return its path."""
        status, body = self.send(Request("POST", path, orjson.dumps(attributes)))
        if status != 201:
            raise SystemExit(f"POST {path}: {status} {body[:300]!r}")
        return f"{path}/{orjson.loads(body)['id']}"

    def user(self, name: str = "ann", **attributes: Any) -> str:
        """Create a user and return its path."""
        return self.made("/Users", schemas=[USER], userName=name, **attributes)

    def user_ids(self, number: int) -> list[str]:
        """Return the ids of so many of the users that the database was filled with."""
        ids: list[str] = []
        cursor = ""
        while len(ids) < number:
            page = f"/Users?attributes=id&count=1000&cursor={cursor}"
            answer = orjson.loads(self.send(Request("GET", page))[1])
            ids += [user["id"] for user in answer["Resources"]]
            cursor = answer.get("nextCursor", "")
            if not cursor:
                break
        return ids[:number]


def filled(size: int, head: bytes, parts: Iterable[bytes], tail: bytes) -> bytes:
    """Return as many parts, separated by commas, as fit between the head and the tail."""
    taken, length = [], len(head) + len(tail)
    for part in parts:
        length += len(part) + 1
        if length > size:
            break
        taken.append(part)
    return head + b",".join(taken) + tail


def post(size: int, before: bytes, unit: bytes, after: bytes) -> Request:
    """Return a POST of a user whose body is filled with a unit."""
    head = b'{"schemas":["%s"],"userName":"x",' % USER.encode() + before
    number = (size - len(head) - len(after)) // len(unit)
    return Request("POST", "/Users", head + unit * number + after)


def patch(path: str, size: int, operations: Iterable[Any]) -> Request:
    """Return a PATCH with as many operations as fit."""
    head = b'{"schemas":["%s"],"Operations":[' % PATCH.encode()
    return Request("PATCH", path, filled(size, head, map(orjson.dumps, operations), b"]}"))


def bulk(size: int, operations: Iterable[Any]) -> Request:
    """Return a bulk request with as many operations as fit."""
    head = b'{"schemas":["%s"],"Operations":[' % BULK.encode()
    return Request("POST", "/Bulk", filled(size, head, map(orjson.dumps, operations), b"]}"))
