"""What a deactivated user held, with the packages that gave it: refused on the next request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.models import AuthToken
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken
from oauth2_provider.views import TokenView
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken as JWTRefreshToken
from rest_framework_simplejwt.views import TokenRefreshView

from django_scim_provider.models import LinkedAccount
from tests.lifecycle.test_returning import link_again
from tests.people import connect, host_user, post, set_active

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_revokers")]

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user), status=200 if request.user.is_authenticated else 401)


class Door(APIView):
    """Opens to whoever the authentication class knows."""

    permission_classes = (IsAuthenticated,)

    def get(self, request: Any) -> Response:
        return Response()


from tests.urls import urlpatterns as own_urls  # noqa: E402 - part of this urlconf

urlpatterns = [
    *own_urls,
    path("who", who),
    path("authtoken", Door.as_view(authentication_classes=(TokenAuthentication,))),
    path("knox", Door.as_view(authentication_classes=(KnoxAuthentication,))),
    path("oauth", Door.as_view(authentication_classes=(OAuth2Authentication,))),
    path("oauth/token", TokenView.as_view()),
    path("jwt/refresh", TokenRefreshView.as_view()),
]

Knock = Callable[[], int]
"""Uses what the user held and returns the status of the answer."""


def session(user: Any) -> Knock:
    client = Client()
    client.force_login(user, backend=MODEL_BACKEND)
    return lambda: client.get("/who").status_code


def authtoken(user: Any) -> Knock:
    key = Token.objects.create(user=user).key
    return lambda: Client().get("/authtoken", HTTP_AUTHORIZATION=f"Token {key}").status_code


def knox(user: Any) -> Knock:
    _, key = AuthToken.objects.create(user=user)
    return lambda: Client().get("/knox", HTTP_AUTHORIZATION=f"Token {key}").status_code


def simplejwt(user: Any) -> Knock:
    """Return a use of a refresh token; each use needs a fresh one only where tokens rotate."""
    token = str(JWTRefreshToken.for_user(user))
    return lambda: Client().post("/jwt/refresh", {"refresh": token}).status_code


def application(user: Any) -> Any:
    owner, _ = get_user_model()._default_manager.get_or_create(username="owner-of-applications")
    made, _ = Application.objects.get_or_create(
        user=owner,
        client_id="client",
        defaults={
            "client_type": "public",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": "https://app.example/",
        },
    )
    return made


def in_an_hour() -> Any:
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() + timedelta(hours=1)


def oauth_access(user: Any) -> Knock:
    AccessToken.objects.create(
        user=user, token=f"access-{user.pk}", expires=in_an_hour(), application=application(user)
    )
    header = f"Bearer access-{user.pk}"
    return lambda: Client().get("/oauth", HTTP_AUTHORIZATION=header).status_code


def oauth_refresh(user: Any) -> Knock:
    app = application(user)
    access = AccessToken.objects.create(
        user=user, token=f"of-refresh-{user.pk}", expires=in_an_hour(), application=app
    )
    RefreshToken.objects.create(
        user=user, token=f"refresh-{user.pk}", application=app, access_token=access
    )
    Grant.objects.create(
        user=user, code=f"code-{user.pk}", application=app, expires=in_an_hour(), redirect_uri="x"
    )
    data = {
        "grant_type": "refresh_token",
        "refresh_token": f"refresh-{user.pk}",
        "client_id": "client",
    }
    return lambda: Client().post("/oauth/token", data).status_code


HELD = [session, authtoken, knox, simplejwt, oauth_access]


@pytest.mark.parametrize("kind", HELD, ids=lambda kind: str(kind.__name__))
@pytest.mark.parametrize("password", [False, True], ids=["no-password", "password"])
def test_what_was_held_is_refused_at_once_and_for_good(kind: Any, password: bool) -> None:
    client = connect()
    ann, bob = post(client, "ann@x.example").json, post(client, "bob@x.example").json
    if password:
        user = host_user(ann)
        user.set_password("own")
        user.save()
    knock, other = kind(host_user(ann)), kind(host_user(bob))
    before = knock()

    set_active(client, ann, False)
    closed = knock()
    set_active(client, ann, True)
    after = knock()
    again = session(host_user(ann))()

    assert before == 200
    assert closed in (400, 401, 403)
    assert after in (400, 401, 403)
    assert again == 200
    assert other() == 200


def test_refresh_token_of_oauth_is_refused_at_once_and_for_good() -> None:
    client = connect()
    ann, bob = post(client, "ann@x.example").json, post(client, "bob@x.example").json
    knock, other = oauth_refresh(host_user(ann)), oauth_refresh(host_user(bob))

    set_active(client, ann, False)
    closed = knock()
    set_active(client, ann, True)

    assert (closed, knock()) == (400, 400)
    assert other() == 200
    assert not Grant.objects.filter(user=host_user(ann)).exists()


@pytest.mark.parametrize("engine", ["db", "cached_db", "cache", "signed_cookies"])
@pytest.mark.parametrize("password", [False, True], ids=["no-password", "password"])
def test_sessions_end_whatever_keeps_them(settings: Any, engine: str, password: bool) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    client = connect()
    ann = post(client, "ann@x.example").json
    user = host_user(ann)
    if password:
        user.set_password("own")
        user.save()
    knock = session(user)
    assert knock() == 200

    set_active(client, ann, False)
    closed = knock()
    set_active(client, ann, True)

    # Sessions without rows of a user with a password outlive it; the documentation says so.
    survives = password and engine in ("cache", "signed_cookies")
    assert closed == 401
    assert knock() == (200 if survives else 401)


def test_sessions_that_allauth_noted_end() -> None:
    from allauth.usersessions.models import UserSession

    client = connect()
    ann = post(client, "ann@x.example").json
    user = host_user(ann)
    user.set_password("own")
    user.save()
    browser = Client()
    browser.force_login(user, backend=MODEL_BACKEND)
    UserSession.objects.create(
        user=user, ip="192.0.2.1", session_key=browser.session.session_key, user_agent="x"
    )

    set_active(client, ann, False)
    set_active(client, ann, True)

    assert not UserSession.objects.exists()
    assert browser.get("/who").status_code == 401


def test_deletion_that_keeps_the_user_ends_sessions(scim_settings: Any) -> None:
    scim_settings(DEPROVISION="deactivate")
    client = connect()
    ann = post(client, "ann@x.example").json
    user = host_user(ann)
    knock = session(user)

    client.request("DELETE", f"/Users/{ann['id']}")
    user.refresh_from_db()
    user.is_active = True
    user.save()

    assert knock() == 401


def test_nothing_ends_while_another_connection_vouches_for_the_user() -> None:
    client = connect()
    connect("other")
    ann = post(client, "ann@x.example").json
    link_again(ann, "other")
    knocks = [kind(host_user(ann)) for kind in HELD]

    set_active(client, ann, False)

    assert [knock() for knock in knocks] == [200] * len(HELD)


CALLED: list[dict[str, Any]] = []


def noted(**called: Any) -> None:
    CALLED.append(called)


def test_revoker_of_the_project_is_called_with_the_user(scim_settings: Any) -> None:
    scim_settings(REVOKERS=["tests.test_revokers.noted"])
    client = connect()
    ann = post(client, "ann@x.example").json
    CALLED.clear()

    set_active(client, ann, False)
    set_active(client, ann, False)
    set_active(client, ann, True)

    assert [{"user": host_user(ann), "using": "default"}] == CALLED
    assert LinkedAccount.objects.get().active
