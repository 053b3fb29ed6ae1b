"""What stands between an identity provider and the application, and breaks things."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

Environ = dict[str, Any]
App = Callable[[Environ, Any], Iterable[bytes]]
Wrapper = Callable[[App], App]


def answer(status: str, body: bytes, *headers: tuple[str, str]) -> App:
    """Return an application that gives one answer to everything."""

    def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(status, [("Content-Length", str(len(body))), *headers])
        return [body]

    return app


def page(status: str) -> App:
    """Return an application that answers with an HTML page, as proxies do."""
    body = f"<html><h1>{status}</h1></html>".encode()
    return answer(status, body, ("Content-Type", "text/html"), ("Server", "nginx"))


def instead(other: App, applies: Callable[[Environ], bool] = lambda environ: True) -> Wrapper:
    """Let another application answer some requests."""

    def wrap(app: App) -> App:
        return lambda environ, start: (other if applies(environ) else app)(environ, start)

    return wrap


def with_environ(change: Callable[[Environ], Any]) -> Wrapper:
    """Change requests on their way in."""

    def wrap(app: App) -> App:
        def changed(environ: Environ, start_response: Any) -> Iterable[bytes]:
            change(environ)
            return app(environ, start_response)

        return changed

    return wrap


def with_headers(change: Callable[[dict[str, str]], Any]) -> Wrapper:
    """Change the headers of answers; their names are in title case."""

    def wrap(app: App) -> App:
        def changed(environ: Environ, start_response: Any) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                held = {name.title(): value for name, value in headers}
                change(held)
                return start_response(status, list(held.items()), *rest)

            return app(environ, start)

        return changed

    return wrap


def with_body(change: Callable[[Environ, Any], Any]) -> Wrapper:
    """Change JSON bodies of answers; ``change`` returns the new value."""

    def wrap(app: App) -> App:
        def changed(environ: Environ, start_response: Any) -> Iterable[bytes]:
            seen: list[Any] = []
            response = app(environ, lambda status, headers, *rest: seen.extend([status, headers]))
            content = b"".join(response)
            getattr(response, "close", lambda: None)()
            if content:
                content = json.dumps(change(environ, json.loads(content))).encode()
            headers = [(name, value) for name, value in seen[1] if name.lower() != "content-length"]
            start_response(seen[0], [*headers, ("Content-Length", str(len(content)))])
            return [content]

        return changed

    return wrap


def strip_authorization(app: App) -> App:
    """Drop the header, as Apache does for mod_wsgi without WSGIPassAuthorization."""
    return with_environ(lambda environ: environ.pop("HTTP_AUTHORIZATION", None))(app)


def over_tls(app: App) -> App:
    """Tell the application that the client came by TLS."""
    return with_environ(lambda environ: environ.update({"wsgi.url_scheme": "https"}))(app)


def clock_off(seconds: int) -> Wrapper:
    """Send a ``Date`` that is that far ahead."""

    def shift(headers: dict[str, str]) -> None:
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        headers["Date"] = format_datetime(at, usegmt=True)

    return with_headers(shift)


def asks(method: str, part: str = "") -> Callable[[Environ], bool]:
    """Return a predicate for requests of a method whose path holds a part."""
    return lambda environ: environ["REQUEST_METHOD"] == method and part in environ["PATH_INFO"]
