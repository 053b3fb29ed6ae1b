"""When somebody logged in: what opens a directory needs a log-in that is not long ago.

Each session remembers it, since ``last_login`` of the user moves with any of them: a session that
was taken over would become recent whenever its owner logs in elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django_scim_provider.models.moments import utc, utc_now

SESSION_KEY = "scim_provider_logged_in_at"
SKEW = 60
"""Seconds that the clock of the server of the log-in may be ahead. What lies further ahead says
nothing: the clock was put back, and such a session would be recent for as long as that."""


def remember_log_in(*, request: Any = None, **_: Any) -> None:
    """Note the time of a log-in in its session; a receiver of Django's ``user_logged_in``."""
    session = getattr(request, "session", None)
    if session is not None:
        session[SESSION_KEY] = utc_now().timestamp()


def logged_in_lately(request: Any, *limits: int | None) -> bool:
    """Tell whether the person who asks logged in within the shortest of some limits.

    Limits are seconds; with none but None, it does not matter how long ago it was.

    Where the session does not know, as it is older than the app or not made by Django's own
    ``login``, ``last_login`` of the user decides.
    """
    seconds = min((each for each in limits if each is not None), default=None)
    if seconds is None:
        return True
    noted = getattr(request, "session", {}).get(SESSION_KEY)
    if isinstance(noted, int | float):
        return -SKEW <= utc_now().timestamp() - noted <= seconds
    last = getattr(request.user, "last_login", None)
    if last is None:
        return False
    return timedelta(seconds=-SKEW) <= utc_now() - utc(last) <= timedelta(seconds=seconds)
