"""Where SCIM requests are observed: the one place through which each of them goes."""

from __future__ import annotations

import os
import re
import time
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_scim_provider.observability.exchange import Exchange, become_current, leave
from django_scim_provider.observability.instruments import begin_all, end_all, get_instruments
from django_scim_provider.observability.logs import log_request
from django_scim_provider.rest.content.own_thread import leave_thread
from django_scim_provider.rest.content.recorded import record
from django_scim_provider.storage.resource_ids import is_id
from django_scim_provider.tokens.claims import VerifiedToken

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class ObservedView(APIView):
    """Makes an ``Exchange`` of each request, and reports it to the log and the instruments."""

    exchange: Exchange
    _recording_until: datetime | None = None

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Return what the request asks for and where, in words of the app's; see ``Exchange``.

        ``id`` is the one in the path where it has the app's form.
        """
        raise NotImplementedError

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Serve a request and report how it ended; then it is no longer the current one."""
        id = known_id(kwargs.get("id"))
        operation, path = self.operation_and_path(id)
        self.exchange = exchange = Exchange(
            request_id=_request_id(request),
            operation=operation,
            path=path,
            resource_id=id,
        )
        instruments = get_instruments()
        previous = become_current(exchange)
        begun = begin_all(instruments, exchange)
        try:
            response = super().dispatch(request, *args, **kwargs)
            self._note_answer(response)
            if self._recording_until is not None:
                record(self, request, response, self._recording_until)
            leave_thread(request, response)
            return response
        except BaseException as exc:  # nothing answers; a server that ends its worker, too
            exchange.error_type = type(exc).__qualname__
            raise
        finally:
            exchange.duration = time.perf_counter() - exchange.started
            try:
                end_all(instruments, exchange, begun)
                log_request(exchange)
            finally:
                leave(previous)

    def perform_authentication(self, request: Request) -> None:
        """Note whom the token has proven."""
        super().perform_authentication(request)
        token = request.auth
        if isinstance(token, VerifiedToken):
            self.exchange.provider_id = token.provider_id
            self.exchange.token_id = token.token_id
            self._recording_until = token.recording_until

    def handle_exception(self, exc: Exception) -> Response:
        """Note the kind of a fault of ours."""
        response = super().handle_exception(exc)
        if response.status_code >= 500:
            self.exchange.error_type = type(exc).__qualname__
        return response

    def _note_answer(self, response: Any) -> None:
        exchange = self.exchange
        exchange.status = response.status_code
        if exchange.status >= 400:
            body = getattr(response, "data", None)
            exchange.scim_type = body.get("scimType", "") if isinstance(body, dict) else ""
        elif exchange.resource_id is None:
            # Of a user who was made, or of the one that /Me stands for; or one that was imported.
            tail = response.get("Location", "").rpartition("/")[2]
            exchange.resource_id = self.kwargs.get("id") or unquote(tail) or None
            if exchange.resource_id is not None:
                _, exchange.path = self.operation_and_path(exchange.resource_id)


def known_id(id: str | None) -> str | None:
    """Return an id in the app's form; None for any other text, which may be anything."""
    return id if id and is_id(id) else None


def _request_id(request: Any) -> str:
    """Return the id that the client or a proxy gave the request, or a new one."""
    sent = request.META.get("HTTP_X_REQUEST_ID", "")
    return sent if _REQUEST_ID.fullmatch(sent) else os.urandom(16).hex()
