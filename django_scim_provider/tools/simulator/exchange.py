"""Requests of an identity provider, and what is remembered of their answers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django_scim_provider.tools.simulator.pacing import Pace

Check = Callable[[Any], str]
"""Takes a decoded body and returns what is wrong with it, ``""`` where nothing is."""

TRIES = 6
"""How often one request is sent to a server that answers 429."""
PATIENCE = 5
"""After so many requests in a row without an answer, or with 401, a provider stops (Microsoft
Learn, application-provisioning-quarantine-status)."""
SHOWN = 300
"""Characters of what a server wrote that are repeated in a failure."""


class NoAnswer(Exception):
    """The server did not answer; the message says why and holds no header."""


class GivenUp(Exception):
    """The traffic cannot go on; the message says why."""


def anything(body: Any) -> str:
    """Accept every body."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, and which answers to it the provider can live with."""

    operation: str
    """The row of the report."""
    method: str
    path: str
    """Below the SCIM root, with a leading slash and an encoded query."""
    expect: tuple[int, ...]
    """Statuses."""
    body: Any = None
    """Sent as JSON; None means no body."""
    check: Check = anything
    about: str = ""
    """Whom it concerns, as the provider's administrator knows them."""
    authorization: str | None = None
    """Another ``Authorization`` than the token's."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was received; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that the provider can live with; ``body`` is None where there is none."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An answer that the provider cannot live with."""

    operation: str
    method: str
    path: str
    about: str
    status: int | None
    """None where nothing was answered."""
    scim_type: str
    detail: str
    """What the server said of it, ``""`` where it said nothing."""
    wrong: str
    """What the provider would have needed."""


@dataclass(slots=True)
class Operation:
    """One kind of request: how long answers took, how often it was throttled, what went wrong."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    """One for each request; tries that were throttled and waits do not count."""
    throttled: int = 0
    failures: list[Failure] = field(default_factory=list)

    def at(self, share: float) -> float:
        """Return the latency that this share of the requests stayed within, in milliseconds."""
        return sorted(self.milliseconds)[max(math.ceil(share * len(self.milliseconds)), 1) - 1]


class Transport(Protocol):
    """What carries a request; raises NoAnswer."""

    def __call__(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        """Send, and wait for the whole answer."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Sends requests one after the other, and files each answer under its operation."""

    transport: Transport
    token: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of the provider; ``Authorization`` is added."""
    pace: Pace = field(default_factory=Pace)
    operations: dict[str, Operation] = field(default_factory=dict)
    waited: float = 0.0
    """Seconds spent because the server answered 429."""
    _in_vain: int = 0

    @property
    def failures(self) -> list[Failure]:
        """Return all failures, by operation."""
        return [found for one in self.operations.values() for found in one.failures]

    def send(self, request: Request) -> Answer | None:
        """Send a request; return None where the answer is none that the provider can live with.

        Raises:
            GivenUp: the last few requests had no answer, or 401.
        """
        operation = self.operations.setdefault(request.operation, Operation(request.operation))
        try:
            reply = self._throttled(request, operation)
        except NoAnswer as error:
            self._fail(request, None, str(error))
            self._give_up_after("no answer")
            return None
        body, wrong = judged(request, reply)
        if wrong:
            self._fail(request, reply, wrong)
        if wrong and reply.status == 401:
            self._give_up_after("401")
        else:
            self._in_vain = 0
        return None if wrong else Answer(reply.status, body)

    def note(self, request: Request, wrong: str) -> None:
        """File a failure that only several answers together show."""
        self.operations.setdefault(request.operation, Operation(request.operation))
        self._fail(request, None, wrong)

    def _throttled(self, request: Request, operation: Operation) -> Reply:
        """Send, and send again while the server asks for patience (RFC 6585 section 4)."""
        reply = self._timed(request, operation)
        for tries in range(1, TRIES):
            if reply.status != 429:
                break
            operation.throttled += 1
            operation.milliseconds.pop()
            self.waited += self.pace.wait(reply.headers.get("retry-after"), tries)
            reply = self._timed(request, operation)
        return reply

    def _timed(self, request: Request, operation: Operation) -> Reply:
        headers = {
            **self.headers,
            "Authorization": request.authorization or f"Bearer {self.token}",
        }
        content = None if request.body is None else json.dumps(request.body).encode()
        self.pace.keep()
        started = self.pace.clock()
        try:
            return self.transport(request.method, request.path, headers, content)
        finally:
            operation.milliseconds.append((self.pace.clock() - started) * 1000)

    def _fail(self, request: Request, reply: Reply | None, wrong: str) -> None:
        scim_type, detail = ("", "") if reply is None else said(reply)
        self.operations[request.operation].failures.append(
            Failure(
                operation=request.operation,
                method=request.method,
                path=request.path,
                about=request.about,
                status=None if reply is None else reply.status,
                scim_type=self._plain(scim_type),
                detail=self._plain(detail),
                wrong=self._plain(wrong),
            )
        )

    def _give_up_after(self, reason: str) -> None:
        self._in_vain += 1
        if self._in_vain >= PATIENCE:
            raise GivenUp(f"{PATIENCE} requests in a row had {reason}.")

    def _plain(self, text: str) -> str:
        """Return what a server wrote, without the token that it may repeat.

        Control characters, which would reach the terminal, are left out too.
        """
        safe = text.replace(self.token, "(token)")[:SHOWN]
        return "".join(one if one.isprintable() else " " for one in safe)


def judged(request: Request, reply: Reply) -> tuple[Any, str]:
    """Return the decoded body, and what is wrong with the answer, ``""`` where nothing is."""
    if reply.status not in request.expect:
        wanted = " or ".join(map(str, request.expect))
        return None, f"the status is {reply.status}, not {wanted}"
    if not reply.content:
        # No body is asked of a 204; a check of another status says that it misses one.
        return None, "" if reply.status == 204 else request.check(None)
    try:
        body = json.loads(reply.content)
    except (ValueError, RecursionError):
        return None, "the body is not JSON"
    return body, request.check(body)


def said(reply: Reply) -> tuple[str, str]:
    """Return ``scimType`` and ``detail`` of an error (RFC 7644 section 3.12), or else the text."""
    try:
        body = json.loads(reply.content or b"null")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or "detail" not in body:
        return "", reply.content.decode(errors="replace")
    return str(body.get("scimType") or ""), str(body["detail"] or "")
