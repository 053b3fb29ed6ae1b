"""One examination: the deployment, and what was found so far."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.tools.addresses import BaseURL
from django_scim_provider.tools.answers import HTTPAnswer, Throttled
from django_scim_provider.tools.doctor.diagnosis import UNEXPECTED, diagnose
from django_scim_provider.tools.doctor.examinations import throttle
from django_scim_provider.tools.doctor.examinations.token_state import GivenToken
from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind, Level
from django_scim_provider.tools.http import SCIM_JSON, HTTPExchange
from django_scim_provider.tools.interruption import Interruption

HEADERS = {"Accept": SCIM_JSON, "User-Agent": "django-scim-provider doctor"}


@dataclass(slots=True, kw_only=True)
class Examination:
    """What the checks share."""

    exchange: HTTPExchange
    token: GivenToken
    interruption: Interruption
    """Asked before each request, and slept with."""
    wait_left: float
    """Seconds that may still be waited because the server limits requests."""
    tell: Callable[[str], None] = lambda text: None
    """Says why it takes long."""
    own_path: str | None = None
    """Where the caller's project has the SCIM root, if it has one."""
    findings: list[Diagnosis] = field(default_factory=list)
    throttled: list[Diagnosis] = field(default_factory=list)
    """What was throttled, waited for or not; each kind once."""
    skews: list[float] = field(default_factory=list)
    """Seconds that the ``Date`` of each answer was ahead of this machine's clock."""
    config: Resource = field(default_factory=dict)
    """The ServiceProviderConfig, once it was read."""
    _run: str = field(default_factory=lambda: secrets.token_hex(4), init=False)
    _sent: int = field(default=0, init=False)

    @property
    def base_url(self) -> BaseURL:
        """Return the address that is examined."""
        return self.exchange.base_url

    @property
    def errors(self) -> int:
        """Return how many errors were found."""
        return sum(finding.kind.level is Level.ERROR for finding in self.findings)

    def send(self, method: str, path: str, **options: Any) -> HTTPAnswer:
        """Send a request, wait where the server asks for it, and return the answer.

        ``options`` are those of ``HTTPExchange.send``.

        Raises:
            KeyboardInterrupt: a signal came.
            NoAnswer: there is none, or it is 429 for longer than may be waited (Throttled).
        """
        answer = self.exchange.send(
            method, path, before=self._stamp, throttled=self._wait, **options
        )
        if answer.date is not None:
            self.skews.append((answer.date - answer.received_at).total_seconds())
        return answer

    def add(self, finding: Diagnosis) -> None:
        """Note a diagnosis; one kind is noted once, since one cause shows at many requests."""
        _add(finding, self.findings)

    def note(self, kind: Kind, answer: HTTPAnswer | None = None, **values: object) -> None:
        """Note a diagnosis of this kind; see ``Kind.found``."""
        self.add(kind.found(answer, **values))

    def diagnose(
        self, answer: HTTPAnswer, unexpected: Kind | None = None, **values: object
    ) -> None:
        """Note what an answer of an unexpected status or form says about the deployment.

        ``unexpected`` is noted instead where the answer shows no better-known cause.
        """
        found = diagnose(answer, self.base_url)
        if unexpected is not None and found.kind is UNEXPECTED:
            found = unexpected.found(answer, **values)
        self.add(found)

    def expect(self, answer: HTTPAnswer, *statuses: int) -> bool:
        """Tell whether an answer has one of these statuses; note what is wrong if not.

        A body, where there is one, has to be SCIM.
        """
        if answer.status in statuses and (not answer.content or answer.is_scim):
            return True
        self.diagnose(answer)
        return False

    def offers(self, feature: str, option: str = "supported") -> Any:
        """Return an option of a feature as ServiceProviderConfig declares it, or None."""
        found = self.config.get(feature)
        return found.get(option) if isinstance(found, dict) else None

    def _stamp(self) -> dict[str, str]:
        """Stop here if a signal came, and name the next request."""
        self.interruption.check()
        self._sent += 1
        return {"X-Request-ID": f"scim-doctor-{self._run}-{self._sent}"}

    def _wait(self, answer: HTTPAnswer, _: int) -> bool:
        finding = throttle.finding(answer)
        _add(finding, self.throttled)
        asked = answer.retry_after()
        if asked is None or asked > self.wait_left:
            raise Throttled(answer.name, finding.kind.id)
        seconds = max(1, asked)
        self.wait_left -= seconds
        self.tell(f"Throttled; waiting {seconds} seconds, as the server asks.")
        self.interruption.sleep(seconds)
        return True


def _add(finding: Diagnosis, known: list[Diagnosis]) -> None:
    if finding.kind not in [one.kind for one in known]:
        known.append(finding)
