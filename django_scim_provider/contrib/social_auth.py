"""python-social-auth: provisioned people enter, in the place of association by e-mail.

.. code-block:: python

    SOCIAL_AUTH_PIPELINE = [
        "social_core.pipeline.social_auth.social_details",
        "social_core.pipeline.social_auth.social_uid",
        "social_core.pipeline.social_auth.auth_allowed",
        "social_core.pipeline.social_auth.social_user",
        "django_scim_provider.contrib.social_auth.enter_provisioned",
        "social_core.pipeline.user.get_username",
        "social_core.pipeline.user.create_user",
        "social_core.pipeline.social_auth.associate_user",
        "social_core.pipeline.social_auth.load_extra_data",
        "social_core.pipeline.user.user_details",
    ]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from social_core.backends.azuread import AzureADOAuth2
from social_core.backends.open_id_connect import OpenIdConnectAuth

from django_scim_provider.conf import get_settings
from django_scim_provider.log_in import (
    LogInRefused,
    Refusal,
    account_of_log_in,
    binding_of,
    refusal_answer,
)

_ANY_TENANT = frozenset({"common", "organizations", "consumers"})


def enter_provisioned(
    backend: Any, response: Any, user: Any = None, *_: Any, **__: Any
) -> dict[str, Any] | HttpResponse | None:
    """Return the user of the active account that is meant, as a step of the pipeline does.

    It comes after ``social_user``, before ``create_user``, and in the place of
    ``associate_by_email``. ``associate_user`` attaches the social account; from then on the log-in
    has to be of that user. What the log-in provider says of the person is not written over what the
    directory said. Whoever does not enter gets the answer of ``refusal_answer``, and no step
    follows.

    None where the log-in provider is not bound in ``LOG_IN``, or lets others in as well: the steps
    that follow decide.
    """
    provider = provider_of(backend, response)
    try:
        _refuse_any_tenant(backend, provider)
        found = account_of_log_in(
            provider, claims_of(backend, response), attached_to=getattr(user, "pk", None)
        )
    except LogInRefused as refused:
        return refusal_answer(backend.strategy.request, refused)
    return None if found is None else {"user": found.user, "is_new": False, "details": {}}


def provider_of(backend: Any, response: Any) -> str:
    """Return the key in ``LOG_IN`` of the log-in provider that has answered.

    The entity id of a SAML identity provider; the issuer that social-auth has verified, where
    ``LOG_IN`` names it; otherwise the name of the backend.
    """
    if _is_saml(backend):
        return str(backend.get_idp(response["idp_name"]).entity_id)
    issuer = _verified(backend, response).get("iss")
    return str(issuer if issuer in get_settings().LOG_IN else backend.name)


def claims_of(backend: Any, response: Any) -> dict[str, Any]:
    """Return what the log-in provider asserts: the attributes of SAML with ``name_id``, or claims.

    Those of the verified ID token hold against those of other answers.
    """
    if _is_saml(backend):
        return dict(response["attributes"])
    return {**response, **_verified(backend, response)}


def _is_saml(backend: Any) -> bool:
    """Tell so by what it has: its module cannot be imported without python3-saml."""
    return hasattr(backend, "get_idp")


def _verified(backend: Any, response: Any) -> Mapping[str, Any]:
    """Return the claims that came in an ID token; any other answer may say anything of itself."""
    if isinstance(backend, OpenIdConnectAuth):
        return backend.id_token or {}
    return dict(response) if isinstance(backend, AzureADOAuth2) else {}


def _refuse_any_tenant(backend: Any, provider: str) -> None:
    """Refuse one connection for whatever tenant of Entra, as the name of the backend would be."""
    binding = binding_of(provider)
    any_tenant = getattr(backend, "tenant_id", None) in _ANY_TENANT
    if any_tenant and provider == backend.name and binding is not None and binding.connection:
        raise LogInRefused(Refusal.NO_CONNECTION)
