"""Sessions that a connection vouches for: which one stands in the session."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

SESSION_KEY = "scim_provider_connection"
_MARK = "_scim_provider_connection"


def mark(user: AbstractBaseUser, provider_id: str) -> None:
    """Note on a user object that it enters by a connection, for the log-in that follows."""
    setattr(user, _MARK, provider_id)


def remember_connection(*, request: Any = None, user: Any = None, **_: Any) -> None:
    """Note in the session which connection its log-in went by, or that it was none.

    A receiver of Django's ``user_logged_in``: whoever logs in the ``user`` of an ``ActiveAccount``
    has nothing to do.
    """
    session = getattr(request, "session", None)
    if session is None:
        return
    provider_id = getattr(user, _MARK, None)
    if provider_id is not None:
        session[SESSION_KEY] = provider_id
    elif SESSION_KEY in session:
        del session[SESSION_KEY]


def connection_of_session(request: Any) -> str | None:
    """Return the provider id of the connection that the session was opened by; None: another way.

    A user whom several connections hold has all that they gave. A project that keeps its customers
    apart shows in such a session what belongs to that connection's organization, and no more.
    """
    found = getattr(request, "session", {}).get(SESSION_KEY)
    return found if isinstance(found, str) else None
