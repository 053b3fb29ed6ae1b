"""The network of doctor and simulator, replaced by a rehearsal; it needs the extra ``tools``."""

from __future__ import annotations

import httpx2

from django_scim_provider.connections.recordings.rehearsing import Rehearsal

_LEFT_OUT = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
)
"""Headers that the rehearsal writes itself."""


class RehearsalTransport(httpx2.BaseTransport):
    """Gives each request to the project's own handler, in this process."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer.

        Raises:
            TimeIsUp: the rehearsal has lasted for as long as it may.
        """
        sent = {name: value for name, value in request.headers.items() if name not in _LEFT_OUT}
        sent.setdefault("authorization", "")  # who sends none is nobody
        reply = self._rehearsal.ask(
            request.method,
            request.url.path,
            request.url.query.decode("ascii"),
            headers=sent,
            body=request.read(),
        )
        return httpx2.Response(
            reply.status, headers=list(reply.headers.items()), content=reply.content
        )
