"""Middleware that ends the sessions of people who are no longer active."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from django_scim_provider.log_in.bound_sessions import connection_of_session
from django_scim_provider.log_in.refusal_answers import refusal_answer
from django_scim_provider.log_in.refusals import LogInRefused
from django_scim_provider.log_in.staying import reason_of_lost_user, reason_to_leave


class ActiveAccountMiddleware(MiddlewareMixin):
    """Asks at each request of somebody with a session whether they may still be here.

    Behind ``AuthenticationMiddleware``, under WSGI and ASGI. Revokers end sessions when a user is
    deactivated; this one sees what they cannot: that one of several connections let go of a user
    who stays active, that somebody left the organization, that the account was deleted. Whoever
    may not stay is logged out and told so, also where Django knows the user no more. It costs one
    statement, two for the connection of an organization, and none without a session.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Answer in the place of the view where the person may not stay."""
        session = getattr(request, "session", None)
        if session is None or SESSION_KEY not in session:
            return None
        # First, for looking at the user may empty the session.
        key, provider_id = session[SESSION_KEY], connection_of_session(request)
        if request.user.is_authenticated:
            reason = reason_to_leave(request.user, provider_id)
        else:
            reason = None if provider_id is None else reason_of_lost_user(key, provider_id)
        if reason is None:
            return None
        logout(request)
        return refusal_answer(request, LogInRefused(reason))
