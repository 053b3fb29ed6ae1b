"""Content that is too large to be sent at once, and how a server sends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.test import Client

from tests.factories import make_account
from tests.scim_client import CORE

LONG = 300_000
"""Characters of a text that does not come with its page."""


def pieces_of(token: str, path: str) -> Iterator[bytes]:
    """Yield what a server sends for a GET, piece by piece."""
    headers: Any = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    response: Any = Client().get(f"/scim/v2{path}", **headers)
    assert response.status_code == 200
    yield from response if response.streaming else [response.content]


def people(count: int) -> list[str]:
    """Store users, every other one with a long text; return their names in order."""
    names = [f"u{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        content: dict[str, Any] = {"schemas": [CORE], "userName": name, "title": name[::-1]}
        if number % 2:
            content["displayName"] = "é" * LONG
        make_account("acme", content, number)
    return names
