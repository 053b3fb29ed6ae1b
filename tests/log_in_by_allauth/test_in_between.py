"""What comes between: another log-in at the same moment, a second factor."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.signals import user_logged_in
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from django_scim_provider.contrib.allauth import SocialAccountAdapter
from django_scim_provider.log_in import connection_of_session
from tests.log_in_by_allauth.browsing import ANN, OfflineAdapter
from tests.people import connect, host_user, make_user

pytestmark = pytest.mark.django_db


def asserted(claims: dict[str, Any]) -> tuple[Any, SocialLogin]:
    """Return a request, and what a log-in provider has just asserted in it."""
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    app = OfflineAdapter(request).get_app(request, provider="okta-acme")
    provider = OpenIDConnectProvider(request, app=app)
    return request, provider.sociallogin_from_response(request, {"userinfo": claims})


def enter(claims: dict[str, Any], attached_meanwhile: Any = None) -> tuple[Any, SocialLogin]:
    """Let somebody enter whose log-in another request may attach to a user, but a moment before."""
    request, login = asserted(claims)
    if attached_meanwhile is not None:
        uid = login.account.uid
        SocialAccount.objects.create(user=attached_meanwhile, provider="okta-acme", uid=uid)
    SocialAccountAdapter(request).pre_social_login(request, login)
    return request, login


def test_two_first_log_ins_at_once_attach_one_social_account() -> None:
    user = host_user(connect("acme").create_user("ann", externalId="00uANN"))

    _, login = enter(ANN, attached_meanwhile=user)

    assert login.user == user
    assert login.account == SocialAccount.objects.get()


def test_log_in_that_another_user_gets_at_the_same_moment_is_refused() -> None:
    connect("acme").create_user("ann", externalId="00uANN")

    with pytest.raises(ImmediateHttpResponse) as refused:
        enter(ANN, attached_meanwhile=make_user("eve"))

    assert refused.value.response.status_code == 403


def test_session_knows_its_connection_after_a_second_factor() -> None:
    user = host_user(connect("acme").create_user("ann", externalId="00uANN"))
    eve = make_user("eve")

    def connection_after(person: Any, request: Any, login: SocialLogin) -> str | None:
        request.user = person
        user_logged_in.send(type(person), request=request, user=person, sociallogin=login)
        return connection_of_session(request)

    assert connection_after(user, *enter(ANN)) == "acme"
    assert connection_after(eve, *asserted({"sub": "00uEVE"})) is None
