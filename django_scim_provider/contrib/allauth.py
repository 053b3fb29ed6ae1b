"""django-allauth: people log in by a social account as the very user that was provisioned.

.. code-block:: python

    SOCIALACCOUNT_ADAPTER = "django_scim_provider.contrib.allauth.SocialAccountAdapter"

A project with an adapter of its own puts ``ProvisionedLogIn`` before allauth's. It works for
OpenID Connect, SAML, and any other provider that allauth has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.signals import user_logged_in
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings, signals
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.db import IntegrityError, router
from django.http import HttpRequest

from django_scim_provider.conf import get_settings
from django_scim_provider.log_in import (
    ActiveAccount,
    LogInRefused,
    Refusal,
    account_of_log_in,
    may_sign_up,
    refusal_answer,
    remember_connection,
)
from django_scim_provider.log_in.bindings import connection_of, is_bound
from django_scim_provider.log_in.bound_sessions import mark
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.transactions import savepoint

_NAMED_BY_CLIENT = ("openid_connect", "saml")
"""Providers of which a project has several; without a provider id, the app's client id counts."""


def log_in_provider_of(sociallogin: SocialLogin) -> str:
    """Return the key of the log-in provider in ``LOG_IN``.

    The provider id of allauth's app, else the name of the provider; of an app of OpenID Connect or
    SAML without a provider id, that name, a colon and the client id.
    """
    app = getattr(sociallogin.provider, "app", None)
    if app is not None and not app.provider_id and app.provider in _NAMED_BY_CLIENT:
        return f"{app.provider}:{app.client_id}"
    return str(sociallogin.account.provider)


def claims_of(sociallogin: SocialLogin) -> Mapping[str, Any]:
    """Return what the log-in provider asserts; ``uid`` is what allauth knows the person by.

    Of OpenID Connect, what the ID token says wins over the answer of ``userinfo``. If they are
    about two people, nobody is named (OpenID Connect Core section 5.3.2).
    """
    extra = sociallogin.account.extra_data or {}
    parts = [extra[name] for name in ("userinfo", "id_token") if isinstance(extra.get(name), dict)]
    if len({part.get("sub") for part in parts}) > 1:
        return {}
    claims: dict[str, Any] = {}
    for part in parts or [extra]:
        claims.update(part)
    return {**claims, "uid": sociallogin.account.uid}


class ProvisionedLogIn:
    """For an adapter of allauth's social accounts: who enters is the connection's to say."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Log in as the provisioned user, and attach the social account to them.

        Raises:
            ImmediateHttpResponse: the person does not enter.
        """
        parent: Any = super()
        parent.pre_social_login(request, sociallogin)
        account = sociallogin.account
        attached_to = account.user_id if account.pk is not None else None
        try:
            found = account_of_log_in(
                log_in_provider_of(sociallogin), claims_of(sociallogin), attached_to=attached_to
            )
            if found is not None:
                self._enter(request, sociallogin, found)
        except LogInRefused as refused:
            raise ImmediateHttpResponse(refusal_answer(request, refused)) from refused

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Refuse whoever was deprovisioned, and strangers where only provisioned people enter.

        Raises:
            ImmediateHttpResponse: the person does not enter.
        """
        try:
            may_sign_up(log_in_provider_of(sociallogin), claims_of(sociallogin))
        except LogInRefused as refused:
            raise ImmediateHttpResponse(refusal_answer(request, refused)) from refused
        parent: Any = super()
        return bool(parent.is_open_for_signup(request, sociallogin))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Find nobody by an address whose log-in provider is bound to a connection."""
        if is_bound(log_in_provider_of(login), claims_of(login)):
            return False
        parent: Any = super()
        return bool(parent.can_authenticate_by_email(login, email))

    def _enter(self, request: HttpRequest, sociallogin: SocialLogin, found: ActiveAccount) -> None:
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            # Somebody who is logged in adds a way in: no way in of somebody else.
            if request.user.pk != found.user.pk:
                raise LogInRefused(Refusal.NOT_ALLOWED)
            return
        sociallogin.user = found.user
        if sociallogin.account.pk is None:
            _attach(request, sociallogin, found)


def _attach(request: HttpRequest, sociallogin: SocialLogin, found: ActiveAccount) -> None:
    """Store the social account of a first log-in.

    Not by ``SocialLogin.connect``, which saves the user as well, and could make somebody active
    again who is being deactivated.

    Raises:
        LogInRefused: another log-in at the same moment attached it to somebody else.
    """
    account = sociallogin.account
    account.user = found.user
    alias = router.db_for_write(SocialAccount)
    try:
        with savepoint(alias):
            account.save()
    except IntegrityError:
        account = SocialAccount.objects.get(provider=account.provider, uid=account.uid)
        if account.user_id != found.user.pk:
            raise LogInRefused(Refusal.NOT_ALLOWED) from None
        sociallogin.account = account
        return
    if app_settings.STORE_TOKENS and sociallogin.token:
        token = sociallogin.token
        token.account = account
        if token.app is not None and token.app.pk is None:  # an app of the settings
            token.app = None
        token.save()
    signals.social_account_added.send(sender=SocialLogin, request=request, sociallogin=sociallogin)


class SocialAccountAdapter(ProvisionedLogIn, DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """For ``SOCIALACCOUNT_ADAPTER``, where the project has none of its own."""


def _remember(
    request: HttpRequest, user: Any, sociallogin: SocialLogin | None = None, **_: Any
) -> None:
    """Note the connection in the session where a second factor came between, too.

    Then the user who is logged in is another object than the one that was found.
    """
    if sociallogin is None:
        return
    using = get_settings().DATABASE
    provider = log_in_provider_of(sociallogin)
    connection = connection_of(provider, claims_of(sociallogin), using=using)
    if connection is None:
        return
    own = LinkedAccount.objects.using(using).of(connection.provider_id)
    if own.filter(user=user.pk).exists():
        mark(user, connection.provider_id)
        remember_connection(request=request, user=user)


user_logged_in.connect(_remember, dispatch_uid=f"{__name__}.remember")
