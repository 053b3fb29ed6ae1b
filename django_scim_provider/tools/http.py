"""Requests to a SCIM server: no redirect is followed, and no other host gets the token."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx2
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.tools.addresses import BaseURL, origin_of
from django_scim_provider.tools.answers import HTTPAnswer, NoAnswer

SCIM_JSON = "application/scim+json"
PLAIN_JSON = "application/json"
NO_TOKEN = ""
"""For requests without an ``Authorization`` header."""
TIMEOUT = 30.0
"""Seconds for each part of a request: to connect, to send, to get the next piece."""


class HTTPExchange:
    """Sends requests one after the other, over connections that are kept open.

    ``headers`` go with each request, beside ``Authorization``. ``transport`` stands in for the
    network.
    """

    def __init__(
        self,
        base_url: BaseURL,
        token: str,
        *,
        headers: Mapping[str, str],
        timeout: float = TIMEOUT,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.base_url, self.token, self.timeout = base_url, token, timeout
        self._headers = headers
        # OpenSSL's defaults, which SSL_CERT_FILE and SSL_CERT_DIR change; a proxy of the
        # environment would not find the way to this machine itself.
        self._http = httpx2.Client(
            verify=ssl.create_default_context(),
            timeout=timeout,
            follow_redirects=False,
            trust_env=not base_url.is_loopback,
            transport=transport,
        )

    def __enter__(self) -> HTTPExchange:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._http.close()

    @sensitive_variables()
    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        token: str | None = None,
        root: str | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        before: Callable[[], Mapping[str, str]] = dict,
        throttled: Callable[[HTTPAnswer, int], bool] = lambda answer, tries: False,
    ) -> HTTPAnswer:
        """Send a request and return its answer; ``path`` is below the SCIM root.

        ``body`` is JSON, or bytes as they are. Without ``token`` the own one is sent, but none to
        another ``root``. ``before`` is called ahead of each try and returns headers for it alone.
        ``throttled`` takes an answer 429 and how often the request was sent by now; it waits, and
        tells whether to send the request again (RFC 6585 section 4).

        Raises:
            AssertionError: a token would go to another origin.
            NoAnswer: there is none.
        """
        url = (root or self.base_url.text) + path
        if token is None:
            token = self.token if root is None else NO_TOKEN
        if token and origin_of(url) != self.base_url.origin:
            raise AssertionError("a token goes to the origin that it was given for, only")
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = dict(self._headers)
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if content is not None:
            sent.setdefault("Content-Type", SCIM_JSON)
        sent.update(headers or {})
        tries = 0
        while True:
            answer = self._once(method, path, url, params, content, {**sent, **before()})
            tries += 1
            if answer.status != 429 or not throttled(answer, tries):
                return answer

    @sensitive_variables()
    def _once(
        self,
        method: str,
        path: str,
        url: str,
        params: Mapping[str, str | int] | None,
        content: bytes | None,
        headers: dict[str, str],
    ) -> HTTPAnswer:
        sent_at, started = datetime.now(UTC), time.perf_counter()
        try:
            response = self._http.request(
                method, url, params=params, content=content, headers=headers
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            seconds = time.perf_counter() - started
            raise NoAnswer(f"{method} {path}", type(error).__name__, seconds) from error
        return HTTPAnswer(
            method=method,
            path=path,
            status=response.status_code,
            headers=response.headers,
            content=response.content,
            sent_at=sent_at,
            seconds=time.perf_counter() - started,
            request_id=headers.get("X-Request-ID"),
            authorized="Authorization" in headers,
            certificate_ends=_certificate_ends(response),
        )


def _certificate_ends(response: httpx2.Response) -> datetime | None:
    """Return when the certificate of the connection expires; None without TLS."""
    stream = response.extensions.get("network_stream")
    over_tls = stream.get_extra_info("ssl_object") if stream is not None else None
    ends = over_tls.getpeercert().get("notAfter") if over_tls is not None else None
    return None if ends is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
