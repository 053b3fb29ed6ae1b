"""The request that our views see."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.request import Request


class SCIMRequest(Request):
    """Keeps the identity provider away from the ``HttpRequest``.

    Packages that record who did it (histories, audit logs) take ``HttpRequest.user`` for a row of
    ``AUTH_USER_MODEL`` as soon as it is authenticated. An identity provider is none, and whose
    session cookie came along did nothing: there it is anonymous, and ``request.user`` and
    ``request.auth`` are what the token opens.
    """

    def _be_user(self, value: Any) -> None:
        self._user = value
        self._request.user = AnonymousUser()

    def _authenticate(self) -> None:
        """Find out who the caller is; a failure of any kind leaves nobody."""
        try:
            super()._authenticate()  # type: ignore[misc]  # unknown to the stubs
        except BaseException:
            self._not_authenticated()  # type: ignore[attr-defined]
            raise

    user = Request.user.setter(_be_user)  # type: ignore[attr-defined]  # a property, to the stubs
