"""The request that our views see."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from rest_framework.request import Request


class SCIMRequest(Request):
    """Keeps the identity provider away from the ``HttpRequest``.

    Packages that record who did it (histories, audit logs) take ``HttpRequest.user`` for a row of
    ``AUTH_USER_MODEL`` as soon as it is authenticated. An identity provider is none, and whoever
    a session cookie belongs to did nothing: there it is anonymous, and ``request.user`` and
    ``request.auth`` are what the token opens.
    """

    def _authenticate(self) -> None:
        """Find out who the caller is; a failure of any kind leaves nobody."""
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
