"""Sends requests to a server on the loopback interface and counts what comes back."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

MEDIA_TYPE = "application/scim+json"
PATIENCE = 300
"""Seconds that an answer may take."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the document; None where there is none."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Door:
    """Where a project answers, and what it takes as a token."""

    port: int
    prefix: str
    token: str

    def message(self, method: str, path: str, body: Any = None) -> bytes:
        """Return a whole request."""
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        head = (
            f"{method} {self.prefix}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.token}\r\nAccept: {MEDIA_TYPE}\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(content)}\r\n"
            "Connection: close\r\n\r\n"
        )
        return head.encode() + content

    def exchange(self, message: bytes) -> Answer:
        """Send a request over a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.sendall(message)
            response = http.client.HTTPResponse(wire)
            response.begin()
            return Answer(response.status, response.read())

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request that nobody measures."""
        return self.exchange(self.message(method, path, body))


@dataclass
class Drive:
    """What a number of clients sent and got in a while."""

    waited: list[float] = field(default_factory=list)
    """Seconds from sending to having the whole answer, of each request."""
    refused: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    seconds: float = 0.0


def drive(
    door: Door,
    messages: Iterable[bytes],
    expected: tuple[int, ...],
    *,
    clients: int,
    seconds: float = float("inf"),
    at_most: int | None = None,
    keep: bool = False,
) -> Drive:
    """Let clients send one request after another, each when it has its answer; one at least.

    Bodies are kept with ``keep``. Requests that are answered by another status than expected are
    counted apart.
    """
    found = Drive()
    waiting = _Shared(itertools.islice(messages, at_most))
    begun = time.perf_counter()

    def work() -> None:
        for message in waiting:
            _send(door, message, expected, found, keep=keep)
            if time.perf_counter() - begun > seconds:
                return

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - begun
    return found


def _send(
    door: Door, message: bytes, expected: tuple[int, ...], found: Drive, *, keep: bool
) -> None:
    sent = time.perf_counter()
    try:
        answer = door.exchange(message)
    except OSError as error:
        found.refused.append(repr(error))
        return
    found.waited.append(time.perf_counter() - sent)
    if answer.status not in expected:
        found.refused.append(f"{answer.status} {answer.body[:200]!r}")
    elif keep:
        found.bodies.append(answer.body)


class _Shared:
    """An iterator that several threads take from."""

    def __init__(self, items: Iterator[bytes]) -> None:
        self.items = items
        self.lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self.lock:
            return next(self.items)
