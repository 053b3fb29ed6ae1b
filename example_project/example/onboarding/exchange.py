"""Requests of an identity provider, and what is remembered of their answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

Check = Callable[[Any], bool]


@dataclass(slots=True)
class Step:
    """One kind of request: how often it was made, how long it took, what went wrong."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def at(self, share: float) -> float:
        """Return the latency that this share of the requests stayed within, in milliseconds."""
        return sorted(self.milliseconds)[math.ceil(share * len(self.milliseconds)) - 1]


@dataclass(slots=True)
class Exchange:
    """Sends requests as Okta does, and files each answer under its step."""

    http: httpx2.Client
    announce: Callable[[str], None]
    """Called with the step's name after each request."""
    steps: dict[str, Step] = field(default_factory=dict)

    def send(
        self,
        name: str,
        method: str,
        path: str,
        *,
        expect: int,
        token: str,
        check: Check = lambda body: True,
        params: dict[str, str | int] | None = None,
        json: Any = None,
    ) -> Any:
        """Send a request and return the decoded answer, None where it has no body.

        An answer with another status than ``expect``, or whose body fails ``check``, is a failure.
        """
        step = self.steps.setdefault(name, Step(name))
        started = time.perf_counter()
        try:
            response = self.http.request(
                method,
                path,
                params=params,
                json=json,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Accept": "application/scim+json",
                    "Content-Type": "application/scim+json; charset=utf-8",
                    "User-Agent": "Okta SCIM Client 1.0.0",
                },
            )
            body = response.json() if response.content else None
        except (httpx2.HTTPError, ValueError) as error:
            step.failures.append(f"{method} {path}: {error!r}")
            return None
        finally:
            step.milliseconds.append((time.perf_counter() - started) * 1000)
            self.announce(name)
        if response.status_code != expect:
            wrong = f"{method} {path}: {response.status_code}, not {expect}: {response.text[:300]}"
            step.failures.append(wrong)
        elif not check(body):
            step.failures.append(f"{method} {path}: unexpected body: {response.text[:300]}")
        return body
