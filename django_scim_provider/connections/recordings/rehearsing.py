"""Requests that are played through the whole project and undone: nothing of them stays.

They go through the project's own middleware, addresses and views, in the process, and not over a
network. All of them run in one transaction that is never committed: what they write is seen by them
alone, signals and webhooks that follow a commit are not sent, and where the process is killed, the
database undoes it by itself. The bearer token of a rehearsal is known to this process alone, and
opens nothing elsewhere.
"""

from __future__ import annotations

import hmac
import io
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error
from django.db.models import Model
from django.db.models.signals import (
    ModelSignal,
    m2m_changed,
    post_delete,
    post_save,
    pre_save,
)
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import Settings, get_settings
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.connection_profiles import stored_profile
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import never_committed, savepoint
from django_scim_provider.tokens.claims import SCIMClient, VerifiedToken

_OPENS = "django_scim_provider.rehearsal"
# Not before a row is deleted, which this app listens to itself.
_SIGNALS: tuple[ModelSignal, ...] = (pre_save, post_save, post_delete, m2m_changed)
_OWN_CODE = ("ADAPTER", "USER_STORE", "GROUP_STORE", "REQUEST_CONTEXT", "RESOURCE_TYPES")


class TimeIsUp(Exception):
    """The rehearsal has lasted for as long as it may."""


class TransactionOver(Exception):
    """The database has ended the transaction, and undone what the rehearsal had written.

    MongoDB does so when it refuses a write, as it has no savepoints, and after a minute.
    """


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class _RehearsedRequest(WSGIRequest):
    """Opens the connection of the rehearsal to whoever sends its token."""

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        opens: _Opener | None = environ.get(_OPENS)
        if opens is not None and opens.fits(environ.get("HTTP_AUTHORIZATION", "")):
            # What REST framework has for tests of projects: it asks no authenticator then.
            self._force_auth_user = SCIMClient(opens.verified.provider_id)
            self._force_auth_token = opens.verified


@dataclass(frozen=True, slots=True, repr=False)
class _Opener:
    text: str
    verified: VerifiedToken

    def fits(self, header: str) -> bool:
        return hmac.compare_digest(header.encode(), f"Bearer {self.text}".encode())


class Rehearsal:
    """The project's own handler, as one connection may ask it, until the time is up."""

    def __init__(self, root: str, seconds: float, verified: VerifiedToken) -> None:
        self.token = secrets.token_urlsafe(32)
        self._verified = verified
        self._parts = urlsplit(root)
        self._until = time.monotonic() + seconds
        self._handler = BaseHandler()
        self._handler.load_middleware()

    @sensitive_variables()
    def ask(
        self,
        method: str,
        path: str,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        scopes: frozenset[str] | None = None,
    ) -> Reply:
        """Return the answer to a request; ``path`` is the whole one, decoded.

        ``scopes`` are those of the token; None: what the rehearsal began with.

        Raises:
            TimeIsUp: it would begin too late.
            TransactionOver: during the request; nothing can be asked after it.
        """
        if time.monotonic() >= self._until:
            raise TimeIsUp
        environ = self._environ(method, path, query, headers or {}, body)
        verified = self._verified if scopes is None else replace(self._verified, scopes=scopes)
        environ[_OPENS] = _Opener(self.token, verified)
        # A request that fails has ATOMIC_REQUESTS undo it, and not all that was asked before.
        using = get_settings().DATABASE
        with savepoint(using), _thread_as_it_was():
            set_script_prefix(environ["SCRIPT_NAME"] or "/")
            response: Any = self._handler.get_response(_RehearsedRequest(environ))
            try:
                content = b"".join(response)
            finally:
                # Its ``close`` tells Django that a request is over, which closes connections to
                # databases that are inside of a transaction.
                for close in response._resource_closers:
                    close()
        if has_ended(using):
            raise TransactionOver
        return Reply(response.status_code, dict(response.items()), content)

    def _environ(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        scheme = self._parts.scheme
        port = self._parts.port or (443 if scheme == "https" else 80)
        prefix = get_script_prefix().rstrip("/")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": prefix,
            # PEP 3333: bytes as Latin-1.
            "PATH_INFO": path.removeprefix(prefix).encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": self._parts.hostname or "",
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self._parts.netloc,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        environ.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.token}")
        return environ


@contextmanager
def rehearsed(
    connection: ProviderConnection, root: str, *, seconds: float, scopes: frozenset[str]
) -> Iterator[Rehearsal]:
    """Undo all that is asked in the block, which has a connection to the database for itself.

    ``root`` is the address of the SCIM root; nothing is sent there.
    """
    using = get_settings().DATABASE
    with never_committed(using):
        if connection._state.adding:
            connection.save(using=using, force_insert=True)
        profile, switches = stored_profile(connection)
        verified = VerifiedToken(
            provider_id=connection.provider_id,
            organization_id=connection.organization_id,
            profile=profile,
            profile_switches=switches,
            scopes=scopes,
            owner_id=connection.personal_owner_id,
            token_id=None,
            has_open_failures=False,
            webhooks=False,
        )
        yield Rehearsal(root, seconds, verified)


def has_ended(using: str) -> bool:
    """Tell whether the database has ended the transaction of a rehearsal by itself."""
    if vendor_of(using).has_savepoints:
        return False
    try:
        ProviderConnection.objects.using(using).filter(provider_id="").exists()
    except Error:
        return True
    return False


def has_own_code() -> bool:
    """Tell whether code of the project's runs when people are written, as far as can be seen.

    What such code does outside of the database is not undone: mails that it sends at once, calls of
    other services.
    """
    settings, defaults = get_settings(), Settings()
    named = any(getattr(settings, name) != getattr(defaults, name) for name in _OWN_CODE)
    return named or any(
        signal.has_listeners(model) for signal in _SIGNALS for model in _written_models()
    )


def _written_models() -> Iterator[type[Model]]:
    """Yield what provisioning writes: our rows, users, and what stands between users and groups."""
    user_model: Any = get_user_model()
    yield user_model
    yield from (field.remote_field.through for field in user_model._meta.many_to_many)
    yield from apps.get_app_config("scim_provider").get_models()


@contextmanager
def _thread_as_it_was() -> Iterator[None]:
    """Give the thread back what the project's middleware and Django's handler set in it."""
    urlconf, prefix = get_urlconf(), get_script_prefix()
    with translation.override(translation.get_language()):
        try:
            yield
        finally:
            set_urlconf(urlconf)
            set_script_prefix(prefix)
