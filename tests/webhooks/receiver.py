"""A receiver of webhooks: an HTTPS server that keeps what it was sent."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.doctor.certificates import Certificates


@dataclass
class Receiver:
    """What was sent, in order, and how it is answered."""

    port: int = 0
    status: Callable[[dict[str, Any]], int] = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/hook?tenant=1"

    @property
    def accepted(self) -> list[dict[str, Any]]:
        return [each for each in self.requests if each["status"] < 300]

    def handle(self, path: str, headers: dict[str, str], body: bytes) -> int:
        with self.lock:
            sent = {
                "path": path,
                "headers": headers,
                "body": body,
                "message": json.loads(body),
                "id": headers["webhook-id"],
            }
            sent["status"] = self.status(sent)
            self.requests.append(sent)
            return int(sent["status"])


def half_of_the_time(seed: int = 1) -> Callable[[dict[str, Any]], int]:
    """Return what answers 500 half of the time."""
    chance = random.Random(seed)
    return lambda _: 500 if chance.random() < 0.5 else 204


@contextmanager
def receiving(certificates: Certificates, **how: Any) -> Iterator[Receiver]:
    """Yield a receiver on the loopback interface, whose certificate is for ``localhost``."""
    receiver = Receiver(**how)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.handle(self.path, headers, body))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            pass  # a sender was killed

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = certificates.trusted(host="localhost").wrap_socket(
        server.socket, server_side=True
    )
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
