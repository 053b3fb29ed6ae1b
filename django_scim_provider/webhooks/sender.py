"""Sending what waits: several endpoints at once, several subjects of each at once.

Threads make the calls and nothing else. The thread that began reads the queues and writes what
became of messages, so that a sender has one connection to the database. One that is killed leaves
messages behind that were delivered and are not marked; they are sent again.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError

from django_scim_provider.models import OutboxMessage, WebhookEndpoint
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.models.outgoing.outbox import KEPT, KEPT_LONG
from django_scim_provider.observability.faults import for_log
from django_scim_provider.webhooks import queues
from django_scim_provider.webhooks.allowed_addresses import WebhookTarget, target_of
from django_scim_provider.webhooks.pinned_https import TIME_LIMIT, PinnedHTTPS, Receipt
from django_scim_provider.webhooks.queues import Chain, Delivery, chains_of, note_attempts
from django_scim_provider.webhooks.signatures import signed_headers
from django_scim_provider.webhooks.turns import LEASE, due_endpoints, keep_queue, take_queue
from django_scim_provider.webhooks.webhook_secrets import decrypted

logger = logging.getLogger("django_scim_provider")

ENDPOINTS = 8
"""Endpoints whose queues are sent at once."""
LANES = 4
"""Calls to one endpoint at once."""
TURN = timedelta(seconds=10)
"""After this the other endpoints have their turn."""
TOGETHER = 50
"""Messages whose fate is written together."""
_HEADERS = {"Content-Type": "application/json", "User-Agent": "django-scim-provider"}


@dataclass(slots=True)
class _QueueTurn:
    """The queue of one endpoint in the hands of this sender."""

    endpoint: WebhookEndpoint
    target: WebhookTarget
    lease: UUID
    secrets: list[str]
    chains: deque[Chain]
    until: float
    """When the turn ends, by ``time.monotonic()``."""
    renewed: float
    failures: int = 0
    """In a row, those of earlier turns among them."""
    stopped: threading.Event = field(default_factory=threading.Event)
    attempts: list[Delivery] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more is to be sent."""
        held = self.renewed + LEASE.total_seconds() - 2 * TIME_LIMIT
        return self.stopped.is_set() or time.monotonic() >= min(self.until, held)


Done = queue.SimpleQueue[tuple[_QueueTurn, Delivery | None]]


def send_waiting(using: str, stop: threading.Event | None = None) -> int:
    """Send what is due, round by round, until nothing is; return how many were delivered.

    ``stop`` is set to have it end soon.

    Raises:
        ImproperlyConfigured: there are endpoints, and the extra ``encryption`` is not installed.
    """
    stop, delivered = stop or threading.Event(), 0
    while not stop.is_set():
        found = _send_round(using, stop)
        if found is None:
            break
        delivered += found
    return delivered


def _send_round(using: str, stop: threading.Event) -> int | None:
    """Give some endpoints a turn; return how many messages they took, None where none had any."""
    turns = [turn for each in due_endpoints(using, ENDPOINTS) if (turn := _taken(using, each))]
    if not turns:
        return None
    done: Done = queue.SimpleQueue()
    lanes = [turn for turn in turns for _ in range(min(LANES, len(turn.chains)))]
    delivered, running = 0, len(lanes)
    try:
        with ThreadPoolExecutor(max_workers=max(1, len(lanes))) as threads:
            try:
                for turn in lanes:
                    threads.submit(_run_lane, turn, done)
                while running:
                    try:
                        turn, attempt = done.get(timeout=1)
                    except queue.Empty:
                        pass
                    else:
                        if attempt is None:
                            running -= 1
                        else:
                            delivered += attempt.receipt.is_accepted
                            turn.attempts.append(attempt)
                    if stop.is_set():
                        _stop(turns)
                    _write(using, turns, TOGETHER)
            except BaseException:
                _stop(turns)
                raise
    finally:
        _write(using, turns, 1)
        for turn in turns:
            rows = WebhookEndpoint.objects.using(using).filter(pk=turn.endpoint.pk)
            rows.filter(lease=turn.lease).update(lease=None, leased_until=None)
    return delivered


def _stop(turns: list[_QueueTurn]) -> None:
    for turn in turns:
        turn.stopped.set()


def _taken(using: str, endpoint: WebhookEndpoint) -> _QueueTurn | None:
    secrets, problem = _secrets_of(endpoint), ""
    try:
        target = target_of(endpoint.address)
    except ValidationError:  # stored by hand
        problem = "address not valid"
    if not secrets:
        problem = "secret not readable"
    if problem:
        logger.error("The SCIM webhook %s cannot be called: %s", endpoint.pk, problem)
        rows = WebhookEndpoint.objects.using(using).filter(pk=endpoint.pk)
        rows.update(paused_until=utc_now() + queues.LONGEST_PAUSE, last_problem=problem)
        return None
    began = time.monotonic()
    lease = take_queue(using, endpoint)
    if lease is None:
        return None
    chains = deque(chains_of(using, endpoint.pk))
    until = began + TURN.total_seconds()
    failures = endpoint.failures  # one that was paused has a single try
    return _QueueTurn(endpoint, target, lease, secrets, chains, until, began, failures)


def _secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    stored = [endpoint.secret]
    until = endpoint.previous_until
    if endpoint.previous_secret and until is not None and utc(until) > utc_now():
        stored.append(endpoint.previous_secret)
    return [secret for each in stored if (secret := decrypted(each)) is not None]


def _run_lane(turn: _QueueTurn, done: Done) -> None:
    """Send chain after chain over one connection, as long as it is the endpoint's turn."""
    line = PinnedHTTPS(turn.target)
    try:
        while not turn.is_over:
            try:
                chain = turn.chains.popleft()
            except IndexError:
                break
            _send_chain(turn, chain, line, done)
    finally:
        line.close()
        done.put((turn, None))


def _send_chain(turn: _QueueTurn, chain: Chain, line: PinnedHTTPS, done: Done) -> None:
    for message in chain:
        if turn.is_over:
            return
        receipt = _send(message, turn.secrets, line)
        done.put((turn, Delivery(message, receipt)))
        if not receipt.is_accepted:
            turn.failures += 1
            if turn.failures >= queues.PAUSE_AFTER or receipt.status == queues.GONE:
                turn.stopped.set()
            return
        turn.failures = 0


def _send(message: OutboxMessage, secrets: list[str], line: PinnedHTTPS) -> Receipt:
    body = message.payload.encode()
    signed = signed_headers(f"msg_{message.pk.hex}", int(time.time()), body, secrets)
    try:
        return line.post(body, _HEADERS | signed)
    except Exception as error:  # ours: the queue must not be tried again and again for it
        logger.error("A SCIM webhook could not be called", exc_info=for_log(error))
        line.close()
        return Receipt(problem="fault")


def _write(using: str, turns: list[_QueueTurn], together: int) -> None:
    """Write the fate of messages, where there are enough, and hold the queues for longer."""
    now = time.monotonic()
    for turn in turns:
        renews = now - turn.renewed > LEASE.total_seconds() / 3
        if len(turn.attempts) >= together or (renews and turn.attempts):
            noted, turn.attempts = turn.attempts, []
            note_attempts(using, turn.endpoint, noted)
        if renews:
            if not keep_queue(using, turn.endpoint, turn.lease):
                turn.stopped.set()
            turn.renewed = now


def prune_messages(using: str, most: int = 5000) -> int:
    """Delete messages that ended long ago, and return how many."""
    rows, now = OutboxMessage.objects.using(using), utc_now()
    states = OutboxMessage.Fate
    deleted = 0
    # What still waits then is for an endpoint that was disabled all the time.
    for state, kept in ((states.DONE, KEPT), (states.DEAD, KEPT_LONG), (states.WAITING, KEPT_LONG)):
        # By the time of the last attempt, which has the index.
        old = rows.filter(state=state, next_attempt_at__lt=now - kept)
        keys = list(old.order_by().values_list("pk", flat=True)[:most])
        deleted += rows.filter(pk__in=keys).delete()[0]
    return deleted
