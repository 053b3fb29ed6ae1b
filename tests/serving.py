"""The test project under gunicorn, on the test database, spoken to byte by byte."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.parallel import ROOT, environment

APPLICATION = "django.core.wsgi:get_wsgi_application()"
START = 300
"""Seconds that a server may take to start."""


@dataclass(frozen=True)
class RawAnswer:
    """What came back; ``status`` is 0 where the connection was closed without an answer."""

    status: int
    text: str


@dataclass(frozen=True)
class RawServer:
    """A running server."""

    port: int

    def send(self, *parts: bytes, ends: bool = False) -> RawAnswer:
        """Send bytes as they are and return the first answer; ``ends`` closes our side first."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    connection.sendall(part)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            return _answer(connection)


def _answer(connection: socket.socket) -> RawAnswer:
    raw = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    return RawAnswer(int(head.split(b" ", 2)[1]) if head else 0, body.decode())


@contextlib.contextmanager
def gunicorn(folder: Path, port: int, *options: str, **variables: str) -> Iterator[RawServer]:
    """Serve until the block ends."""
    command = [sys.executable, "-m", "gunicorn", APPLICATION, "--bind", f"127.0.0.1:{port}"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env={**environment(), **variables},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(server, port)
            yield RawServer(port)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not listen")
