"""Requests to the deployment: no redirect is followed, and no other host gets the token."""

from __future__ import annotations

import json
import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.tools.addresses import BaseURL, origin_of
from django_scim_provider.tools.answers import Answer
from django_scim_provider.tools.doctor.examinations import throttle
from django_scim_provider.tools.doctor.kinds import Finding, NoAnswer, Throttled
from django_scim_provider.tools.doctor.transport import failure
from django_scim_provider.tools.interruption import Interruption

SCIM_JSON = "application/scim+json"
PLAIN_JSON = "application/json"
NO_TOKEN = ""
"""For requests without an ``Authorization`` header."""


class Exchange:
    """Sends requests, one after the other, and waits where the server asks for it.

    ``timeout`` and ``max_wait`` are seconds: how long one request may take, and how long the doctor
    waits altogether because it is throttled. ``interruption`` is asked before each request, and
    waits. ``now`` tells the time in UTC, ``tell`` says why it takes long.
    """

    def __init__(
        self,
        base_url: BaseURL,
        token: str,
        *,
        timeout: float,
        max_wait: float,
        interruption: Interruption,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.base_url, self.timeout = base_url, timeout
        self.wait_left = max_wait
        self.throttled: list[Finding] = []
        """What was throttled, waited for or not; each kind once."""
        self.skews: list[float] = []
        """Seconds that the ``Date`` of each answer was ahead of this machine's clock."""
        self._token, self._interruption, self._now, self._tell = token, interruption, now, tell
        self._run, self._sent = secrets.token_hex(4), 0
        # OpenSSL's defaults, which SSL_CERT_FILE and SSL_CERT_DIR change; a proxy of the
        # environment would not find the way to this machine itself.
        self._http = httpx2.Client(
            verify=ssl.create_default_context(),
            timeout=timeout,
            follow_redirects=False,
            trust_env=not base_url.is_loopback,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @sensitive_variables()
    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        token: str | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        media_type: str = SCIM_JSON,
    ) -> Answer:
        """Send a request and return its answer; ``path`` is below the base URL.

        ``body`` is JSON, or bytes as they are. Without ``token`` the given one is sent.

        Raises:
            NoAnswer: there is none, or it is 429 for longer than may be waited (Throttled).
        """
        url = self.base_url.text + path
        return self.send_to(
            url,
            method,
            path,
            body=body,
            token=self._token if token is None else token,
            params=params,
            headers={"Content-Type": media_type, **(headers or {})} if body else headers,
        )

    @sensitive_variables()
    def send_to(
        self,
        url: str,
        method: str,
        name: str,
        *,
        body: Any = None,
        token: str = NO_TOKEN,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request to another address, as a rule without a token.

        Raises:
            AssertionError: a token would go to another origin.
            NoAnswer: as for ``send``.
        """
        if token and origin_of(url) != self.base_url.origin:
            raise AssertionError("a token goes to the origin that it was given for, only")
        sent = {"Accept": SCIM_JSON, "User-Agent": "django-scim-provider doctor", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        while True:
            answer = self._once(method, url, name, content, params, sent)
            if answer.status != 429:
                return answer
            self._wait_for(answer, with_token=bool(token))

    @sensitive_variables()
    def _once(
        self,
        method: str,
        url: str,
        name: str,
        content: bytes | None,
        params: Mapping[str, str | int] | None,
        headers: dict[str, str],
    ) -> Answer:
        self._interruption.check()
        self._sent += 1
        request_id = f"scim-doctor-{self._run}-{self._sent}"
        sent_at = self._now()
        try:
            response = self._http.request(
                method,
                url,
                params=params,
                content=content,
                headers={**headers, "X-Request-ID": request_id},
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            finding = failure(error, f"{method} {name}", self.timeout)
            raise NoAnswer(finding) from error
        answer = Answer(
            method=method,
            path=name,
            status=response.status_code,
            headers=response.headers,
            content=response.content,
            request_id=request_id,
            sent_at=sent_at,
            received_at=self._now(),
            certificate_ends=_certificate_ends(response),
        )
        if answer.date is not None:
            self.skews.append((answer.date - answer.received_at).total_seconds())
        return answer

    def _wait_for(self, answer: Answer, *, with_token: bool) -> None:
        finding = throttle.finding(answer, with_token=with_token)
        if finding.kind not in [known.kind for known in self.throttled]:
            self.throttled.append(finding)
        seconds = answer.retry_after()
        if seconds is None or seconds > self.wait_left:
            raise Throttled(finding)
        seconds = max(1, seconds)
        self.wait_left -= seconds
        self._tell(f"Throttled; waiting {seconds} seconds, as the server asks.")
        self._interruption.sleep(seconds)


def _certificate_ends(response: httpx2.Response) -> datetime | None:
    """Return when the certificate of the connection expires; None without TLS."""
    stream = response.extensions.get("network_stream")
    over_tls = stream.get_extra_info("ssl_object") if stream is not None else None
    ends = over_tls.getpeercert().get("notAfter") if over_tls is not None else None
    return None if ends is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
