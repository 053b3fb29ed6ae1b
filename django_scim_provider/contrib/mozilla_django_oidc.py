"""mozilla-django-oidc: provisioned people enter, found by their account and not by an address.

.. code-block:: python

    AUTHENTICATION_BACKENDS = ["django_scim_provider.contrib.mozilla_django_oidc.OIDCBackend"]
    OIDC_CALLBACK_CLASS = "django_scim_provider.contrib.mozilla_django_oidc.CallbackView"
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from django_scim_provider.contrib.strangers import are_strangers
from django_scim_provider.log_in import LogInRefused, Refusal, account_of_log_in, refusal_answer
from django_scim_provider.log_in.bindings import is_bound, text_of

_REFUSED = "_scim_provider_log_in_refused"


class CallbackView(OIDCAuthenticationCallbackView):  # type: ignore[misc]  # the package is untyped
    """For ``OIDC_CALLBACK_CLASS``: tells people why they do not enter."""

    def login_failure(self) -> HttpResponse:
        """Return the answer with the reason, or the package's own where another one failed."""
        refused = getattr(self.request, _REFUSED, None)
        if refused is not None:
            return refusal_answer(self.request, refused)
        answer: HttpResponse = super().login_failure()
        return answer


class OIDCBackend(OIDCAuthenticationBackend):  # type: ignore[misc]  # the package is untyped
    """For ``AUTHENTICATION_BACKENDS``, in the place of ``OIDCAuthenticationBackend``.

    The issuer of the ID token decides the connection: one that ``LOG_IN`` does not bind logs nobody
    in.
    """

    def get_userinfo(self, access_token: str, id_token: str, payload: Any) -> dict[str, Any]:
        """Return the claims; those of the verified ID token hold against those of user info.

        Raises:
            SuspiciousOperation: there is no ID token, or user info is about somebody else (OpenID
                Connect Core 1.0 section 5.3.2).
        """
        if not payload:
            raise SuspiciousOperation("There is no ID token that says who has issued it.")
        told = super().get_userinfo(access_token, id_token, payload)
        if told.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("User info is about another subject than the ID token.")
        return {**told, **payload}

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """Tell whether a bound issuer has issued the ID token for us; no address is asked for."""
        audience, issuer = claims.get("aud"), claims.get("iss")
        audiences = audience if isinstance(audience, list) else [audience]
        is_ours = self.OIDC_RP_CLIENT_ID in audiences
        return is_ours and isinstance(issuer, str) and is_bound(issuer, claims)

    def filter_users_by_claims(self, claims: dict[str, Any]) -> list[Any]:
        """Return the user of the active account that is meant, and nobody else.

        Where the binding lets others in as well, they are found by their address, as without SCIM,
        or made; nobody enters as staff, as a superuser, or as somebody whom a connection holds.

        Raises:
            PermissionDenied: the person does not enter.
        """
        try:
            found = account_of_log_in(claims["iss"], claims)
            return self._strangers(claims) if found is None else [found.user]
        except LogInRefused as refused:
            setattr(self.request, _REFUSED, refused)
            raise PermissionDenied(refused.message) from refused

    def _strangers(self, claims: dict[str, Any]) -> list[Any]:
        address = text_of(claims, "email")  # None where it is unverified
        users = [] if address is None else list(super().filter_users_by_claims({"email": address}))
        if address is None or not are_strangers(users):
            raise LogInRefused(Refusal.UNKNOWN)
        return users

    def get_user(self, user_id: Any) -> Any:
        """Return the user of a session, if they are active still."""
        user = super().get_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
