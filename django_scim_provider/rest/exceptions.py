"""Every exception under the SCIM prefix becomes a SCIM error (RFC 7644 section 3.12)."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from django_scim_provider.core import errors
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.observability.faults import for_log
from django_scim_provider.observability.repetition import shown
from django_scim_provider.rest.authentication import challenge
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of, missing_value_of

logger = logging.getLogger("django_scim_provider")

RETRY_AFTER = 5
"""Seconds after which a client may come back when the database was away."""

_SAME: tuple[tuple[type[Exception], type[SCIMError]], ...] = (
    (Http404, errors.NotFound),
    (PermissionDenied, errors.Forbidden),
    (drf.NotAuthenticated, errors.Unauthorized),
    (drf.AuthenticationFailed, errors.Unauthorized),
    (drf.PermissionDenied, errors.Forbidden),
    (drf.NotFound, errors.NotFound),
    (drf.MethodNotAllowed, errors.MethodNotAllowed),
    (drf.NotAcceptable, errors.NotAcceptable),
    (drf.UnsupportedMediaType, errors.UnsupportedMediaType),
    (drf.ParseError, errors.InvalidSyntax),
    (drf.Throttled, errors.TooManyRequests),
    (UnreadablePostError, errors.InvalidSyntax),
    (SuspiciousOperation, errors.InvalidSyntax),
)


def scim_exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Return the response for an exception; of a fault of ours only the log says more."""
    set_rollback()
    error = as_scim_error(exc)
    headers = _headers(exc, error, context)
    response = Response(error.to_resource(), status=error.status, headers=headers)
    if error.status in (500, 503) and not _report(exc, context):
        # Django's line on each 5xx, which may be an e-mail to the admins, adds nothing.
        response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def as_scim_error(exc: Exception) -> SCIMError:
    """Return the SCIM error that stands for an exception; ``InternalError`` for unknown ones."""
    if isinstance(exc, SCIMError):
        return exc
    for kind, error in _SAME:
        if isinstance(exc, kind):
            return error()
    if cause_of(exc) is not Cause.FAULT:
        return errors.Unavailable()
    if (column := missing_value_of(exc)) is not None:
        return errors.NotPrepared.lacks(column)
    return errors.InternalError()


def _headers(exc: Exception, error: SCIMError, context: dict[str, Any]) -> dict[str, str]:
    if error.status == 401:
        # An authenticator of a subclass has a challenge of its own.
        found = getattr(exc, "auth_header", None)
        return {"WWW-Authenticate": found or challenge(context["request"].META)}
    if error.status == 405:
        return {"Allow": ", ".join(context["view"].allowed_methods)}
    if isinstance(error, errors.Uniqueness) and error.location is not None:
        return {"Location": error.location}
    if error.status == 503 and not isinstance(error, errors.NotPrepared):
        return {"Retry-After": str(RETRY_AFTER)}
    if isinstance(exc, drf.Throttled):
        wait = getattr(exc, "wait", None)  # the stubs do not have it
        return {"Retry-After": str(max(1, int(wait)))} if wait is not None else {}
    return {}


def _report(exc: Exception, context: dict[str, Any]) -> bool:
    """Log without what the exception says, and tell error trackers, which hear all of it.

    Return False for one of a kind that was shown just now: then the record of the request, which
    each of them gets, is all.
    """
    request, exchange = context["request"], context["view"].exchange
    is_due = shown.is_due(exc)
    if is_due:
        logger.error(
            "SCIM %s %s failed (request %s)",
            exchange.operation,
            exchange.path,
            exchange.request_id,
            exc_info=for_log(exc),
        )
    got_request_exception.send(sender=type(context["view"]), request=request._request)
    return is_due
