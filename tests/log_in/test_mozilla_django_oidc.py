"""mozilla-django-oidc with an OpenID provider: who enters is who was provisioned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests.adapters
from django.contrib.auth import get_user_model
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from django_scim_provider.contrib.mozilla_django_oidc import OIDCBackend
from tests.log_in.contract import LogInContract, bind, text_after, who_is_in
from tests.log_in.openid_provider import OpenIDProvider
from tests.people import connect, make_user
from tests.scim_client import SCIMTestClient

ISSUERS = {"acme": "https://id.example/acme", "globex": "https://id.example/globex"}


class OIDC:
    """People of both tenants come in by one client, as at Entra's ``organizations``."""

    def __init__(self) -> None:
        self.provider = OpenIDProvider()

    def enter(self, client: Client, subject: str, *, tenant: str = "acme", **said: Any) -> str:
        asked = client.get("/oidc/authenticate/")
        claims = {"sub": subject, "iss": ISSUERS.get(tenant, tenant), **said}
        return text_after(client, self.provider.send_back(client, asked["Location"], **claims))


@pytest.fixture
def way(settings: Any, scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> OIDC:
    settings.AUTHENTICATION_BACKENDS = [
        "django_scim_provider.contrib.mozilla_django_oidc.OIDCBackend"
    ]
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "shop", "secret"
    settings.OIDC_RP_SIGN_ALGO = "RS256"
    for name in ("authorization", "token", "user", "jwks"):
        path = {"authorization": "authorize", "user": "userinfo"}.get(name, name)
        setattr(settings, f"OIDC_OP_{name.upper()}_ENDPOINT", f"{ISSUERS['acme']}/{path}")
    settings.LOGIN_REDIRECT_URL = settings.LOGIN_REDIRECT_URL_FAILURE = "/whoami/"
    bind(scim_settings, ISSUERS, external_id="sub")
    way = OIDC()
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda _, request, **__: way.provider.answer(request)
    )
    return way


class TestMozillaDjangoOIDC(LogInContract):
    """What holds of each bridge."""


@pytest.fixture
def acme(db: None) -> SCIMTestClient:
    """Return a connection with one person."""
    client = connect("acme")
    client.create_user("ann", externalId="E1", emails=[{"value": "ann@acme.example"}])
    return client


pytestmark = pytest.mark.urls("tests.log_in.routes")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"tenant": "https://id.example/initech"}, id="issuer-that-is-not-bound"),
        pytest.param({"tenant": ""}, id="no-issuer"),
        pytest.param({"aud": "another-client"}, id="for-another-client"),
        pytest.param({"aud": ["one", "two"]}, id="for-other-clients"),
    ],
)
def test_token_of_another_issuer_or_for_another_client_gets_nowhere(
    way: OIDC, acme: SCIMTestClient, client: Client, claims: dict[str, Any]
) -> None:
    way.enter(client, "E1", **claims)

    assert who_is_in(client) == ""


def test_user_info_about_somebody_else_gets_nowhere(
    way: OIDC, acme: SCIMTestClient, client: Client
) -> None:
    way.provider.user_info = {"sub": "E1"}

    way.enter(client, "E9")

    assert who_is_in(client) == ""


def test_access_token_alone_says_nobody(way: OIDC, acme: SCIMTestClient) -> None:
    """As the package's class for REST framework asks, which has no ID token."""
    with pytest.raises(SuspiciousOperation, match="no ID token"):
        OIDCBackend().get_or_create_user("an access token", None, None)


def test_user_info_overrides_no_claim_of_the_token(
    way: OIDC, acme: SCIMTestClient, client: Client, scim_settings: Callable[..., None]
) -> None:
    bind(scim_settings, ISSUERS, external_id="oid")
    way.provider.user_info = {"oid": "E1", "iss": ISSUERS["acme"]}

    way.enter(client, "s", oid="E9")
    assert who_is_in(client) == ""
    way.enter(client, "s")  # only user info has it
    assert who_is_in(client) == "ann"


def test_strangers_enter_where_they_may_but_as_nobody_whom_a_connection_holds(
    way: OIDC, acme: SCIMTestClient, client: Client, scim_settings: Callable[..., None]
) -> None:
    bind(scim_settings, ISSUERS, external_id="sub", only_provisioned=False)
    make_user("bob", email="bob@acme.example")
    make_user("root", email="root@acme.example", is_superuser=True)
    people = get_user_model()._default_manager.count()

    assert "user=bob by=None" in way.enter(client, "E9", email="bob@acme.example")
    client.post("/out/")
    for said in (
        {"email": "ann@acme.example"},
        {"email": "root@acme.example"},
        {"email": "bob@acme.example", "email_verified": False},
        {},
    ):
        assert "has not set up an account" in way.enter(client, "E9", **said)
        assert who_is_in(client) == ""
    assert get_user_model()._default_manager.count() == people
    way.enter(client, "E9", email="eve@acme.example")
    assert get_user_model()._default_manager.get(email="eve@acme.example").username == who_is_in(
        client
    )
