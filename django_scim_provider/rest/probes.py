"""``/health``: does the database answer? For load balancers, which have no token."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import Any

import orjson
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import MethodNotAllowed, SCIMError, Unavailable
from django_scim_provider.observability.faults import for_log
from django_scim_provider.observability.repetition import shown
from django_scim_provider.rest.content.own_thread import leave_thread
from django_scim_provider.rest.content.renderers import SCIM_MEDIA_TYPE
from django_scim_provider.storage.sql.vendors import vendor_of

logger = logging.getLogger("django_scim_provider")

WAIT = 2.0
"""Seconds that the database has for its answer."""
MAX_WAITING = 4
"""Questions to a database that does not answer that may hang at once, with a thread each."""

_places = threading.BoundedSemaphore(MAX_WAITING)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class HealthView(View):
    """Tells whether requests can be served, and nothing else: no token, no limit, no event."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - as in View

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer 200, or 503 where the database does not answer in time."""
        is_up = database_answers(get_settings().DATABASE)
        response = _answer(b"ok", "text/plain") if is_up else _refusal(Unavailable())
        leave_thread(request, response)
        return response

    def head(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers of GET."""
        response = self.get(request)
        response.content = b""
        return response

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Answer 405 as on every path below the prefix."""
        response = _refusal(MethodNotAllowed())
        response["Allow"] = "GET, HEAD"
        return response


def _refusal(error: SCIMError) -> HttpResponse:
    response = _answer(orjson.dumps(error.to_resource()), SCIM_MEDIA_TYPE, error.status)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django logs each probe otherwise
    return response


def _answer(body: bytes, media_type: str, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store, private", "Content-Length": str(len(body))}
    return HttpResponse(body, status=status, content_type=media_type, headers=headers)


class _Question:
    """Asks the database over the connection of this thread, in another one, which may hang."""

    def __init__(self, using: str) -> None:
        self._connection = connections[using]
        self._is_done = threading.Event()
        self._handing_over = threading.Lock()
        self._is_left = False
        self.is_answered = False

    def wait(self, seconds: float) -> bool:
        """Return whether an answer came in time."""
        self._connection.inc_thread_sharing()
        try:
            threading.Thread(target=self._run, name="scim-health", daemon=True).start()
        except RuntimeError:  # no more threads
            _places.release()
            self._is_done.set()
        self._is_done.wait(seconds)
        with self._handing_over:
            self._is_left = not self._is_done.is_set()
        if self._is_left:
            # The thread closes it when it comes back; this one gets a new connection.
            del connections[self._connection.alias]
            return False
        self._connection.dec_thread_sharing()
        return self.is_answered

    def _run(self) -> None:
        try:
            self.is_answered = self._ask() or self._ask_again()
        finally:
            _places.release()
            with self._handing_over:
                self._is_done.set()
                if self._is_left:
                    self._close()

    def _ask(self) -> bool:
        try:
            return vendor_of(self._connection).answers(self._connection)
        except Exception as problem:  # whatever a driver raises, it is not an answer
            if shown.is_due(problem):
                logger.warning("The SCIM database does not answer", exc_info=for_log(problem))
            return False

    def _ask_again(self) -> bool:
        """Ask over a new connection: the old one may have been of a server that is gone."""
        if self._connection.in_atomic_block:
            return False
        self._close()
        return self._ask()

    def _close(self) -> None:
        with suppress(Exception):  # of a driver whose server has closed it already
            self._connection.close()


def database_answers(using: str) -> bool:
    """Tell whether the database answers in time, however it hangs: at the connection, or later."""
    question = _Question(using)
    return _places.acquire(timeout=WAIT) and question.wait(WAIT)
