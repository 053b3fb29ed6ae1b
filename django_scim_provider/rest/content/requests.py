"""The request that our views see."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import UnreadablePostError
from rest_framework.request import Request

from django_scim_provider.core.errors import InvalidSyntax, LengthRequired, NotPrepared

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose request is in the body."""
MAX_LENGTH_DIGITS = 18
READ_BEFORE = (
    "The server lost the request body: a middleware of the project has read it from the stream. It "
    "has to use request.body, which keeps it."
)


def declared_length(meta: Mapping[str, Any]) -> int | None:
    """Return how many bytes the head of a request says that its body has.

    None where only the body tells its end, as with ``Transfer-Encoding: chunked`` (RFC 9112 section
    6.3).

    Raises:
        InvalidSyntax: ``Content-Length`` is not a number.
    """
    text = str(meta.get("CONTENT_LENGTH") or "").strip()
    if meta.get("HTTP_TRANSFER_ENCODING") or not text:
        return None
    if len(text) > MAX_LENGTH_DIGITS or not (text.isascii() and text.isdecimal()):
        raise InvalidSyntax("Content-Length is not a number of bytes.")
    return int(text)


def leaves_body(request: Any) -> bool:
    """Tell whether a body stands on the connection whose end nobody has found.

    That is one in chunks, with a WSGI server that does not take them apart.
    """
    environ = getattr(request, "environ", None) or {}
    in_chunks = bool(environ.get("HTTP_TRANSFER_ENCODING"))
    return in_chunks and not environ.get("wsgi.input_terminated")


class SCIMRequest(Request):
    """Keeps the identity provider away from the ``HttpRequest``.

    Packages that record who did it (histories, audit logs) take ``HttpRequest.user`` for a row of
    ``AUTH_USER_MODEL`` as soon as it is authenticated. An identity provider is none, and the owner
    of a session cookie did nothing: there it is anonymous, and ``request.user`` and
    ``request.auth`` are what the token opens.

    A body is read to its end also where the head does not tell its length; Django and REST
    framework take it for empty then, which makes a search without its filter of one with it.
    """

    # What REST framework finds by failing to, for each of the many times that it is asked for.
    META = property(attrgetter("_request.META"))
    method = property(attrgetter("_request.method"))

    @property
    def data(self) -> Any:
        """Return what the body says.

        Raises:
            InvalidSyntax: there is none, and the method needs one.
            LengthRequired: the server does not tell where it ends.
        """
        if self.method in WITH_BODY and self.stream is None:
            raise InvalidSyntax("The request has no body.")
        return super().data

    def _load_stream(self) -> None:
        """Find the body; None where there is none."""
        django: Any = self._request
        length = declared_length(django.META)
        environ = getattr(django, "environ", None)  # of WSGI; with ASGI, Django has read the body
        self._stream: Any = django
        if length == 0:
            self._stream = None
        elif length is None and environ is not None:
            self._load_unmeasured(environ)
        elif django._read_started:
            self._stream = _from_the_start(django)

    def _load_unmeasured(self, environ: Mapping[str, Any]) -> None:
        """Read what a WSGI server hands out to the end that it has found itself."""
        if environ.get("wsgi.input_terminated"):
            # Django would read nothing of it; nothing has been read, whatever it believes.
            django: Any = self._request
            django._stream = _UnmeasuredBody(environ["wsgi.input"])
        elif leaves_body(self._request):
            raise LengthRequired()
        else:
            self._stream = None

    def _authenticate(self) -> None:
        """Find out who the caller is; after a failure of any kind it is nobody."""
        try:
            super()._authenticate()  # type: ignore[misc]  # unknown to the stubs
        except BaseException:
            self._not_authenticated()  # type: ignore[attr-defined]  # unknown to the stubs
            raise

    def _be_user(self, value: Any) -> None:
        self._user = value
        self._request.user = AnonymousUser()
        _forget_actor()

    user = Request.user.setter(_be_user)  # type: ignore[attr-defined]  # a property, to the stubs


def body_of(request: Request) -> Any:
    """Return the body if it was read already, and None else: nothing is read for it."""
    found = request.__dict__.get("_full_data")
    return found if isinstance(found, dict) else None


def _from_the_start(request: Any) -> Any:
    """Return a body that code of the project has read already.

    ``HttpRequest.body`` keeps it. What was taken out of the stream is lost under WSGI; under ASGI
    the stream is a file.

    Raises:
        NotPrepared: it is lost. The client did nothing wrong, and may send it again once that code
            is mended.
    """
    if hasattr(request, "_body"):
        return io.BytesIO(request.body)
    try:
        request._stream.seek(0)
    except (AttributeError, OSError, ValueError) as error:
        raise NotPrepared(READ_BEFORE) from error
    return request


class _UnmeasuredBody:
    """A body whose end the server finds. Whatever it raises on the way is about what was sent."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def read(self, *size: int) -> bytes:
        return self._read(self._source.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._read(self._source.readline, *size)

    def _read(self, method: Callable[..., bytes], *size: int) -> bytes:
        try:
            return method(*size)
        except Exception as error:
            raise UnreadablePostError("The body is broken.") from error


def _forget_actor() -> None:
    """Take from django-auditlog the user of the session, whom it noted before any view ran."""
    held = _audit_context()
    noted = None if held is None else held.get(None)
    if noted is not None and "actor" in noted:
        noted["actor"] = None


@cache
def _audit_context() -> ContextVar[dict[str, Any] | None] | None:
    if not apps.is_installed("auditlog"):
        return None
    from auditlog.context import auditlog_value

    found: ContextVar[dict[str, Any] | None] = auditlog_value
    return found
