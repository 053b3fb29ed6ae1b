"""Limits on requests, counted atomically in fixed windows of one cache.

A window counts up in one key. Caches with an atomic ``incr`` of their own count by it (LocMem,
Redis, Memcached); the others (the database, most custom ones) inherit one that reads and then
writes, so they count under a lock that their atomic ``add`` makes.

A cache that hangs or fails limits no identity provider: the request passes. Failed authentications
are then counted in the process.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from django_scim_provider.conf import (
    THROTTLE_RATES,
    get_settings,
    until_settings_change,
)
from django_scim_provider.observability.repetition import log_fault
from django_scim_provider.rest.throttling.breaker import LeftAlone, breaker_of
from django_scim_provider.storage.transactions import is_rehearsed
from django_scim_provider.tokens.claims import VerifiedToken
from django_scim_provider.validators import parse_rate

logger = logging.getLogger("django_scim_provider")

MAX_PROCESS_COUNTS = 10_000
"""Addresses and windows that one process counts by itself."""
LOCK_SECONDS = 5
"""How long a count may take; the lock of a process that died ends by itself."""


@until_settings_change
def _rates() -> dict[str, tuple[int, int] | None]:
    rates = THROTTLE_RATES | get_settings().THROTTLE_RATES
    return {scope: parse_rate(rate) for scope, rate in rates.items()}


class WindowThrottle(BaseThrottle):
    """Lets as many requests of one client pass in each window as its scope has."""

    scope = ""
    seconds_left: float | None = None

    def client(self, request: Request) -> str:
        """Return what is counted by itself."""
        return client_address(request)

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request and tell whether it may pass."""
        return self.charge(request, 1)

    def charge(self, request: Request, cost: int) -> bool:
        """Count a request as so many and tell whether the limit still holds.

        A rehearsal is not counted: it would use up what the identity provider may ask.
        """
        rate = _rates()[self.scope]
        if rate is None or is_rehearsed():
            return True
        limit, seconds = rate
        now = time.time()
        self.seconds_left = seconds - now % seconds
        # A hash: cache keys are short, and hold no blanks.
        client = hashlib.sha256(self.client(request).encode()).hexdigest()[:32]
        key = f"scim-throttle:{self.scope}:{client}:{int(now // seconds)}"
        counted = self._count(key, seconds, cost)
        return counted is None or counted <= limit

    def _count(self, key: str, seconds: int, cost: int) -> int | None:
        """Count in the cache, or as ``count_without`` does where it hangs or fails."""
        name = get_settings().THROTTLE_CACHE
        try:
            return count(caches[name], key, seconds, cost, call=breaker_of(name).call)
        except LeftAlone:
            pass
        except Exception as problem:
            # Whatever goes wrong in a cache of the project's must not lock an identity provider
            # out.
            text = "SCIM requests cannot be counted in the cache %r"
            log_fault(logger, logging.ERROR, text, name, exc=problem)
        return self.count_without(key, cost)

    def count_without(self, key: str, cost: int) -> int | None:
        """Return how many that makes where the cache cannot tell; None: the request passes."""
        return None

    def wait(self) -> float | None:
        """Return the seconds until the window ends."""
        return self.seconds_left


class ConnectionThrottle(WindowThrottle):
    """Counts by connection, which no stranger can exhaust."""

    scope = "connection"

    def client(self, request: Request) -> str:
        """Return the id of the connection; the address where none is proven."""
        token: Any = request.auth
        is_proven = isinstance(token, VerifiedToken)
        return token.provider_id if is_proven else client_address(request)


class DiscoveryThrottle(WindowThrottle):
    """Counts requests for public discovery by address."""

    scope = "discovery"


class FailedAuthenticationThrottle(WindowThrottle):
    """Counts failures by address; a request whose token is good is never one of them."""

    scope = "failed_authentication"

    def count_without(self, key: str, cost: int) -> int:
        """Count in this process: guessers must not be free to guess while a cache is down."""
        return in_process.count(key, cost)

    def refuse_too_many(self, request: Request) -> None:
        """Count one failure.

        Raises:
            Throttled: there were too many.
        """
        if not self.allow_request(request, None):
            raise Throttled(self.wait())


def client_address(request: Request) -> str:
    """Return the address of the client; see ``NUM_PROXIES``."""
    proxies = get_settings().NUM_PROXIES
    if proxies:
        hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        address = hops[-min(proxies, len(hops))].strip()
        if address:
            return address[:64]
    return str(request.META.get("REMOTE_ADDR", ""))


class ProcessCounts:
    """Counts of this process, as many keys as are remembered; then the oldest are forgotten."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, key: str, more: int) -> int:
        """Count so many more and return how many that makes."""
        with self._lock:
            counted = self._counts[key] = self._counts.get(key, 0) + more
            while len(self._counts) > self._size:
                self._counts.popitem(last=False)
            return counted

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()


in_process = ProcessCounts(MAX_PROCESS_COUNTS)


def _directly(method: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    return method(*arguments, **more)


def count(
    cache: BaseCache,
    key: str,
    seconds: int,
    more: int = 1,
    *,
    call: Callable[..., Any] = _directly,
) -> int:
    """Count one or more and return how many that makes; ``call`` calls the cache."""
    if type(cache).incr is not BaseCache.incr:
        try:
            return int(call(cache.incr, key, more))
        except ValueError:  # the first one in the window
            added = call(cache.add, key, more, timeout=seconds * 2)
            return more if added else int(call(cache.incr, key, more))
    if call(cache.add, key, more, timeout=seconds * 2):
        return more
    with_lock = f"{key}:lock"
    mine, deadline = secrets.token_hex(8), time.monotonic() + LOCK_SECONDS
    while not call(cache.add, with_lock, mine, timeout=LOCK_SECONDS):
        if time.monotonic() > deadline:
            raise TimeoutError("The cache does not release the lock.")
        time.sleep(0.005)
    try:
        counted = int(call(cache.get, key, 0)) + more
        # The inherited incr forgets the timeout.
        call(cache.set, key, counted, timeout=seconds * 2)
        return counted
    finally:
        if call(cache.get, with_lock) == mine:
            call(cache.delete, with_lock)
