"""HTTPS to an address that was checked: no name is resolved a second time, nobody redirects.

``http.client`` speaks, and knows neither proxies of the environment nor redirects. The connection
is made to an IP address; certificate and ``Host`` are of the name.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django_scim_provider.conf import get_settings
from django_scim_provider.webhooks.allowed_addresses import NotAllowed, WebhookTarget, resolved

TIME_LIMIT = 5.0
"""Seconds for a call in all: to resolve the name, to connect, to send and to be answered."""
MOST_READ = 16 * 1024
"""Bytes of an answer that are read and dropped to use the connection again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a call: nothing of the answer but its status."""

    status: int | None = None
    problem: str = ""
    """A word where there was no answer."""

    @property
    def is_accepted(self) -> bool:
        """Tell whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300


class _TimedReader(io.RawIOBase):
    """Reads from a socket until a moment: a receiver that sends a byte a second is late as well."""

    def __init__(self, sock: ssl.SSLSocket, line: PinnedHTTPS) -> None:
        self._socket, self._line = sock, line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self._line.time_left())
        return self._socket.recv_into(buffer)


class _TimedSocket:
    """What ``http.client`` needs of a socket."""

    def __init__(self, sock: ssl.SSLSocket, line: PinnedHTTPS) -> None:
        self._socket, self._line = sock, line

    def sendall(self, data: Any) -> None:
        self._socket.settimeout(self._line.time_left())
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._socket, self._line))

    def close(self) -> None:
        self._socket.close()


class PinnedHTTPS(http.client.HTTPSConnection):
    """A connection to the addresses that a target was found to have, within a limit of time."""

    def __init__(self, target: WebhookTarget) -> None:
        super().__init__(target.host, target.port, context=tls_context())
        self.target = target
        self._until = 0.0

    def time_left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: none are.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def connect(self) -> None:
        """Connect to the first address that answers."""
        *others, last = resolved(self.target)
        for address in others:
            with suppress(OSError):
                return self._connect_to(address)
        self._connect_to(last)

    def _connect_to(self, address: str) -> None:
        plain = socket.create_connection((address, self.target.port), timeout=self.time_left())
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(self.time_left())
            wrapped = tls_context().wrap_socket(plain, server_hostname=self.target.host)
        except BaseException:
            plain.close()
            raise
        self.sock: Any = _TimedSocket(wrapped, self)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Receipt:
        """Send a message and return what became of it; on the connection of before, if it lives."""
        self._until = time.monotonic() + TIME_LIMIT
        kept = self.sock is not None
        try:
            try:
                return self._exchange(body, headers)
            except (ConnectionError, http.client.BadStatusLine, ssl.SSLEOFError):
                self.close()
                if not kept:  # receivers close what was idle
                    raise
            return self._exchange(body, headers)
        except NotAllowed:
            problem = "address not allowed"
        except TimeoutError:
            problem = "no answer in time"
        except ssl.SSLCertVerificationError:
            problem = "certificate not valid"
        except ssl.SSLError:
            problem = "no secure connection"
        except socket.gaierror:
            problem = "name not found"
        except (OSError, http.client.HTTPException):
            problem = "no connection"
        self.close()
        return Receipt(problem=problem)

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Receipt:
        target = self.target
        self.request("POST", target.path, body, {"Host": target.authority, **headers})
        answer = self.getresponse()
        with suppress(OSError, http.client.HTTPException):
            answer.read(MOST_READ)
        if not answer.isclosed():
            self.close()
        return Receipt(answer.status)


def tls_context() -> ssl.SSLContext:
    """Return what verifies certificates: of the system's authorities, or those of the project."""
    return _context(get_settings().WEBHOOK_CA_FILE)


@lru_cache(maxsize=4)
def _context(file: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)
