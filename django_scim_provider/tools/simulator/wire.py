"""The way over the network. Needs httpx2, of the extra ``tools``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2

from django_scim_provider.tools.simulator.traffic import NoAnswer, Reply, Transport

TIMEOUT = 30.0
"""Seconds for each part of a request: to connect, to send, to get the next piece."""


@contextmanager
def connected(url: str) -> Iterator[Transport]:
    """Yield what sends requests below a SCIM root, over connections that are kept open.

    Redirects are not followed, as no identity provider would send its token on.
    """
    with httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client:

        def send(
            method: str, path: str, headers: Mapping[str, str], content: bytes | None
        ) -> Reply:
            try:
                answer = client.request(method, url + path, headers=dict(headers), content=content)
            except httpx2.HTTPError as error:
                # Only what kind of error: its text could quote a header.
                raise NoAnswer(f"no answer ({type(error).__name__})") from error
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, found, answer.content)

        yield send
