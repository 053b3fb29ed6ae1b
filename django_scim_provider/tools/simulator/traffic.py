"""The requests of an identity provider, and what it makes of their answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from django_scim_provider.tools.answers import HTTPAnswer, NoAnswer
from django_scim_provider.tools.simulator.pacing import Pace

BodyCheck = Callable[[Any], str]
"""Takes a decoded body and returns what is wrong with it, ``""`` where nothing is."""

TRIES = 6
"""How often one request is sent to a server that answers 429."""
PATIENCE = 5
"""After so many requests in a row without an answer, or with 401, a provider stops (Microsoft
Learn, application-provisioning-quarantine-status)."""
SHOWN = 300
"""Characters of what a server wrote that are repeated in a failure."""


class GivenUp(Exception):
    """The traffic cannot go on; the message says why."""


class RequestExchange(Protocol):
    """What sends requests: ``tools.http.HTTPExchange``, or what needs no network."""

    token: str

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        before: Callable[[], Mapping[str, str]] = ...,
        throttled: Callable[[HTTPAnswer, int], bool] = ...,
    ) -> HTTPAnswer:
        """Send a request and return its answer; see ``HTTPExchange.send``.

        Raises:
            NoAnswer: there is none.
        """


def anything(body: Any) -> str:
    """Accept every body."""
    return ""


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A request, and which answers to it the provider can live with."""

    operation: str
    """The row of the report."""
    method: str
    path: str
    """Below the SCIM root, with a leading slash and an encoded query."""
    expect: tuple[int, ...]
    """Statuses."""
    body: Any = None
    """Sent as JSON; None sends no body."""
    check: BodyCheck = anything
    about: str = ""
    """Whom it concerns, as the provider's administrator knows them."""
    authorization: str | None = field(default=None, repr=False)
    """Another ``Authorization`` than the token's."""

    @property
    def name(self) -> str:
        """Return method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningFailure:
    """An answer that the provider cannot live with."""

    request: ProviderRequest
    status: int | None
    """None where nothing was answered."""
    scim_type: str
    detail: str
    """What the server said of it, ``""`` where it said nothing."""
    wrong: str
    """What the provider would have needed."""

    @property
    def reason(self) -> str:
        """Return the server's words, or else what is wrong."""
        return self.detail or self.wrong


@dataclass(slots=True)
class Operation:
    """One kind of request: how long answers took, how often it was throttled, what went wrong."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    """One for each request; tries that were throttled and waits do not count."""
    throttled: int = 0
    failures: list[ProvisioningFailure] = field(default_factory=list)

    def at(self, share: float) -> float:
        """Return the latency that this share of the requests stayed within, in milliseconds."""
        return sorted(self.milliseconds)[max(math.ceil(share * len(self.milliseconds)), 1) - 1]


@dataclass(slots=True, kw_only=True)
class Traffic:
    """Sends requests one after the other, and files each answer under its operation."""

    exchange: RequestExchange
    pace: Pace = field(default_factory=Pace)
    operations: dict[str, Operation] = field(default_factory=dict)
    waited: float = 0.0
    """Seconds spent because the server answered 429."""
    _unanswered: int = 0

    @property
    def failures(self) -> list[ProvisioningFailure]:
        """Return all failures, by operation."""
        return [found for one in self.operations.values() for found in one.failures]

    def send(self, request: ProviderRequest) -> HTTPAnswer | None:
        """Send a request; return None where the provider cannot live with the answer.

        Raises:
            GivenUp: the last few requests had no answer, or 401.
        """
        operation = self._operation(request)
        other = request.authorization
        try:
            answer = self.exchange.send(
                request.method,
                request.path,
                body=request.body,
                headers=None if other is None else {"Authorization": other},
                before=self._keep_pace,
                throttled=partial(self._wait, operation),
            )
        except NoAnswer as error:
            operation.milliseconds.append(error.seconds * 1000)
            self._fail(request, None, str(error))
            self._give_up_after("no answer")
            return None
        operation.milliseconds.append(answer.seconds * 1000)
        wrong = judged(request, answer)
        if wrong:
            self._fail(request, answer, wrong)
        if wrong and answer.status == 401:
            self._give_up_after("401")
        else:
            self._unanswered = 0
        return None if wrong else answer

    def note(self, request: ProviderRequest, wrong: str) -> None:
        """File a failure that only several answers together show."""
        self._fail(request, None, wrong)

    def _operation(self, request: ProviderRequest) -> Operation:
        return self.operations.setdefault(request.operation, Operation(request.operation))

    def _keep_pace(self) -> dict[str, str]:
        self.pace.keep()
        return {}

    def _wait(self, operation: Operation, answer: HTTPAnswer, tries: int) -> bool:
        if tries == TRIES:
            return False
        operation.throttled += 1
        self.waited += self.pace.wait(answer.retry_after(), tries)
        return True

    def _fail(self, request: ProviderRequest, answer: HTTPAnswer | None, wrong: str) -> None:
        scim_type, detail = ("", "") if answer is None else said(answer)
        self._operation(request).failures.append(
            ProvisioningFailure(
                request=request,
                status=None if answer is None else answer.status,
                scim_type=self._plain(scim_type),
                detail=self._plain(detail),
                wrong=self._plain(wrong),
            )
        )

    def _give_up_after(self, reason: str) -> None:
        self._unanswered += 1
        if self._unanswered >= PATIENCE:
            raise GivenUp(f"{PATIENCE} requests in a row had {reason}.")

    def _plain(self, text: str) -> str:
        """Return what a server wrote, as it may be printed.

        It may repeat the token; control characters would reach the terminal.
        """
        safe = text.replace(self.exchange.token, "(token)")[:SHOWN]
        return "".join(one if one.isprintable() else " " for one in safe)


def judged(request: ProviderRequest, answer: HTTPAnswer) -> str:
    """Return what is wrong with the answer, ``""`` where nothing is."""
    if answer.status not in request.expect:
        return f"the status is {answer.status}, not {' or '.join(map(str, request.expect))}"
    if not answer.content:
        # No body is asked of a 204; a check of another status says that it misses one.
        return "" if answer.status == 204 else request.check(None)
    try:
        return request.check(answer.decoded())
    except ValueError:
        return "the body is not JSON"


def said(answer: HTTPAnswer) -> tuple[str, str]:
    """Return ``scimType`` and ``detail`` of an error (RFC 7644 section 3.12), or else the text."""
    body = answer.body
    if "detail" not in body:
        return "", answer.content.decode(errors="replace")
    return str(body.get("scimType") or ""), str(body["detail"] or "")
