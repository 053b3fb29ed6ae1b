"""Sends requests to a server on the loopback interface and counts what comes back."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import orjson

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
        return orjson.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Door:
    """Where a project answers, and what it takes as a token."""

    port: int
    prefix: str
    token: str

    def message(self, method: str, path: str, body: Any = None) -> bytes:
        """Return a whole request."""
        content = b"" if body is None else orjson.dumps(body)
        head = (
            f"{method} {self.prefix}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.token}\r\nAccept: {MEDIA_TYPE}\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request that nobody measures."""
        with closing(Wire(self.port)) as wire:
            return wire.exchange(self.message(method, path, body))


class Wire:
    """A client's connection, which serves one request after another as long as the server lets it.

    It reads no more of an answer than it needs: a client that shares the machine with what it
    measures must cost next to nothing.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def exchange(self, message: bytes) -> Answer:
        """Send a request and return what comes back.

        Raises:
            OSError: there is no server, or it hung up in the middle of an answer.
        """
        try:
            wire, is_new = self._socket or self._connected(), self._socket is None
            wire.sendall(message)
            head = _head(wire)
            if not head and not is_new:  # it had hung up after the last answer
                self.close()
                return self.exchange(message)
            answer, stays = _answer(wire, head)
        except OSError:
            self.close()
            raise
        self._socket = wire
        if not stays:
            self.close()
        return answer

    def _connected(self) -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _head(wire: socket.socket) -> bytes:
    """Return an answer up to its body, with what came of it; empty where nothing comes."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = wire.recv(65536)
        if not part:
            if found:
                raise ConnectionError("The server hung up.")
            return b""
        found += part
    return found


def _answer(wire: socket.socket, begun: bytes) -> tuple[Answer, bool]:
    """Return an answer, and whether the connection stays."""
    if not begun:
        raise ConnectionError("The server hung up.")
    head, _, body = begun.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    status = int(lines[0].split()[1])
    fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    stays = fields.get(b"connection") != b"close"
    if fields.get(b"transfer-encoding") == b"chunked":
        return Answer(status, _chunks(wire, body)), stays
    length = 0 if status == 204 else int(fields.get(b"content-length", -1))
    parts, got = [body], len(body)
    while got < length or length < 0:
        part = wire.recv(1 << 20) if length < 0 else _more(wire)
        if not part:  # the end of the connection is the end of a body of any length
            break
        parts.append(part)
        got += len(part)
    return Answer(status, b"".join(parts)), stays and length >= 0


def _chunks(wire: socket.socket, begun: bytes) -> bytes:
    """Return a body that is sent in chunks (RFC 9112 section 7.1)."""
    found: list[bytes] = []
    rest = begun
    while True:
        while b"\r\n" not in rest:
            rest += _more(wire)
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        while len(rest) < length + 2:
            rest += _more(wire)
        if not length:
            return b"".join(found)
        found.append(rest[:length])
        rest = rest[length + 2 :]


def _more(wire: socket.socket) -> bytes:
    part = wire.recv(1 << 20)
    if not part:
        raise ConnectionError("The server hung up.")
    return part


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
    kept: Callable[[bytes], bytes] = bytes,
) -> Drive:
    """Let clients send one request after another, each when it has its answer; one at least.

    Bodies are kept with ``keep``, or what ``kept`` makes of each. Requests that are answered by
    another status than expected are counted apart.
    """
    found = Drive()
    waiting = _Shared(itertools.islice(messages, at_most))
    begun = time.perf_counter()

    def work() -> None:
        with closing(Wire(door.port)) as wire:
            for message in waiting:
                body = _send(wire, message, expected, found)
                if keep and body is not None:
                    found.bodies.append(kept(body))
                if time.perf_counter() - begun > seconds:
                    return

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - begun
    return found


def _send(wire: Wire, message: bytes, expected: tuple[int, ...], found: Drive) -> bytes | None:
    """Return the body of an answer that is as it should be."""
    sent = time.perf_counter()
    try:
        answer = wire.exchange(message)
    except OSError as error:
        found.refused.append(repr(error))
        return None
    found.waited.append(time.perf_counter() - sent)
    if answer.status in expected:
        return answer.body
    found.refused.append(f"{answer.status} {answer.body[:200]!r}")
    return None


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
