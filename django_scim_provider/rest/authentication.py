"""Bearer authentication of SCIM requests (RFC 6750 section 2.1, RFC 7644 section 2).

A client that proved itself is tolerated in what its profile says.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from django_scim_provider.core.errors import InternalError, Unauthorized
from django_scim_provider.core.profiles import Profile
from django_scim_provider.models.connection_profiles import UnknownProfile, profile_in_force
from django_scim_provider.rest.throttling.throttles import FailedAuthenticationThrottle
from django_scim_provider.tokens.claims import SCIMClient, VerifiedToken
from django_scim_provider.tokens.verification import verify_token

logger = logging.getLogger("django_scim_provider")

CHALLENGE = 'Bearer realm="SCIM"'
REFUSED = f'{CHALLENGE}, error="invalid_token"'
"""The challenge where a bearer token came with the request, whatever is wrong with it."""


class SCIMTokenAuthentication(BaseAuthentication):
    """Accepts exactly one ``Authorization: Bearer`` header, and no cookie, parameter or body.

    Servers join repeated headers with a comma, which no token holds.
    """

    @sensitive_variables("text")
    def authenticate(self, request: Request) -> tuple[Any, VerifiedToken]:
        """Return the client and what its token opens.

        Raises:
            AuthenticationFailed: there is no token, or it opens nothing; all failures look the
                same.
            Throttled: too many tokens from this address opened nothing.
        """
        scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        try:
            verified = verify_token(text.strip(" ")) if scheme.lower() == "bearer" else None
        except Exception:
            # A look-up that fails must not be a way around the limit; the fault itself is answered.
            FailedAuthenticationThrottle().charge(request, 1)
            raise
        if verified is None:
            FailedAuthenticationThrottle().refuse_too_many(request)
            raise AuthenticationFailed(Unauthorized.default_detail)
        return SCIMClient(verified.provider_id), verified

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401; without it the framework would answer 403."""
        return challenge(request.META)


def challenge(meta: Mapping[str, Any]) -> str:
    """Return the challenge of a 401 (RFC 6750 section 3).

    It tells the client whether a bearer token arrived, which the client knows already unless
    something in between dropped the header; why the token opens nothing is not said.
    """
    scheme, _, text = meta.get("HTTP_AUTHORIZATION", "").partition(" ")
    return REFUSED if scheme.lower() == "bearer" and text.strip(" ") else CHALLENGE


def find_profile(token: VerifiedToken) -> Profile:
    """Return the profile of the connection, as its row or the settings have it at this moment.

    Raises:
        InternalError: it has a profile or a switch that does not exist, as the log says. The
            generic profile in its place might take what was to be refused.
    """
    try:
        return profile_in_force(token.profile, token.profile_switches)
    except UnknownProfile as error:
        logger.error("SCIM connection %s cannot be served: %s", token.provider_id, error)
        raise InternalError(
            "The profile of this connection is not set up on the server; its operators find "
            "the reason in their log. Nothing was changed."
        ) from error
