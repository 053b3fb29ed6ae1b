"""Servers on real sockets, and a doctor that looks at them."""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from tests.doctor.certificates import Certificates
from tests.doctor.set_ups import App, Wrapper
from tests.factories import make_token


class SilentHandler(WSGIRequestHandler):
    """Logs nothing, and does not wait for acknowledgements between header and body."""

    disable_nagle_algorithm = True

    def get_environ(self) -> dict[str, Any]:
        """Give the application its socket, so that tests can break the connection."""
        return {**super().get_environ(), "tests.socket": self.connection}

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Server:
    """A deployment: where it listens, and what it was asked."""

    url: str
    """Of the SCIM root."""
    port: int
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path and ``Authorization`` header, in order."""

    def tokens_seen(self) -> set[str | None]:
        return {header for _, _, header in self.requests}


def _recorded(app: App, server: Server) -> App:
    def recording(environ: dict[str, Any], start_response: Any) -> Any:
        sent = environ.get("HTTP_AUTHORIZATION")
        server.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], sent))
        return app(environ, start_response)

    return recording


@contextmanager
def serving(app: App, context: ssl.SSLContext | None) -> Iterator[Server]:
    """Serve an application until the block is left."""
    httpd = ThreadedWSGIServer(("127.0.0.1", 0), SilentHandler)
    scheme = "http" if context is None else "https"
    port = httpd.server_address[1]
    server = Server(f"{scheme}://127.0.0.1:{port}/scim/v2", port)
    if context is not None:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    httpd.set_app(_recorded(app, server))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


Serve = Callable[..., Server]


@pytest.fixture
def serve(transactional_db: None) -> Iterator[Serve]:
    """Return a function that serves the application behind what stands in between."""
    with ExitStack() as stack:

        def start(*wrappers: Wrapper, context: ssl.SSLContext | None = None) -> Server:
            app: App = WSGIHandler()
            for wrapper in wrappers:
                app = wrapper(app)
            return stack.enter_context(serving(app, context))

        yield start


@pytest.fixture
def token(transactional_db: None) -> str:
    """Return a good token of an empty connection."""
    return make_token(provider_id="examined")


@dataclass(frozen=True)
class CommandRun:
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        return json.loads(self.out)

    @property
    def ids(self) -> list[str]:
        """Return what was found, but for plain http on this machine, which most tests use."""
        found = [finding["id"] for finding in self.report["findings"]]
        return [id for id in found if id != "plain-http-loopback"]

    @property
    def seen(self) -> str:
        return "\n".join(finding["seen"] for finding in self.report["findings"])


Examine = Callable[..., CommandRun]


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Return a function that runs the command, by default with ``--json`` and no patience."""

    def run(url: str, token: str, *arguments: str, as_json: bool = True) -> CommandRun:
        monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
        out, err = io.StringIO(), io.StringIO()
        options = ["--token-stdin", "--max-wait", "0", *(["--json"] if as_json else []), *arguments]
        code = 0
        try:
            call_command("scim_doctor", url, *options, stdout=out, stderr=err, no_color=True)
        except SystemExit as stopped:
            code = int(str(stopped.code))
        return CommandRun(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, int], int]:
    """Return a dict of host and port to the local port that stands for them."""
    ports: dict[tuple[str, int], int] = {}
    ask = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        known = ports.get((host, port))
        return ask(*((host, port) if known is None else ("127.0.0.1", known)), *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return ports


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """Return a maker of certificates."""
    return Certificates(tmp_path, monkeypatch)
