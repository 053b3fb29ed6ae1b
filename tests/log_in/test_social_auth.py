"""python-social-auth with OpenID providers and SAML: who enters is who was provisioned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests.adapters
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from social_core.backends.azuread_tenant import AzureADV2TenantOAuth2
from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.backends.utils import load_backends
from social_core.pipeline import DEFAULT_AUTH_PIPELINE
from social_django.models import DjangoStorage, UserSocialAuth
from social_django.strategy import DjangoStrategy

from django_scim_provider.contrib.social_auth import enter_provisioned, provider_of
from tests.log_in.contract import LogInContract, bind, text_after, who_is_in
from tests.log_in.openid_provider import OpenIDProvider
from tests.log_in.saml_provider import SAMLProvider
from tests.people import connect, host_user, make_user
from tests.scim_client import SCIMTestClient

ISSUERS = {"acme": "https://id.example/acme", "globex": "https://id.example/globex"}
STEP = "django_scim_provider.contrib.social_auth.enter_provisioned"


class Acme(OpenIdConnectAuth):  # type: ignore[type-arg]
    """The OpenID provider of one customer."""

    name = "acme"
    OIDC_ENDPOINT = ISSUERS["acme"]


class Globex(OpenIdConnectAuth):  # type: ignore[type-arg]
    """The OpenID provider of another."""

    name = "globex"
    OIDC_ENDPOINT = ISSUERS["globex"]


class OpenID:
    """People come in by the backend of their customer."""

    def __init__(self) -> None:
        self.provider = OpenIDProvider()

    def enter(self, client: Client, subject: str, *, tenant: str = "acme", **said: Any) -> str:
        asked = client.post(f"/social/login/{tenant}/")
        answer = self.provider.send_back(client, asked["Location"], sub=subject, **said)
        return text_after(client, answer)


class SAML:
    """People come in by one backend, and the identity provider of their customer."""

    def __init__(self) -> None:
        self.providers = {
            tenant: SAMLProvider(entity_id, audience="https://shop.example/")
            for tenant, entity_id in ISSUERS.items()
        }

    def enter(self, client: Client, subject: str, *, tenant: str = "acme", **said: Any) -> str:
        client.defaults["HTTP_HOST"] = "shop.example"  # the package takes no name without a dot
        asked = client.post(f"/social/login/saml/?idp={tenant}")
        path, form = self.providers[tenant].answer(asked["Location"], subject, said)
        # What the page that comes between sends for the browser.
        return text_after(client, client.post(path, {**form, "psa_saml_browser_return": "1"}))


@pytest.fixture(autouse=True)
def project(settings: Any) -> Iterator[None]:
    """Set social-auth up; it remembers its backends, and forgets them again."""
    steps = list(DEFAULT_AUTH_PIPELINE)
    steps.insert(steps.index("social_core.pipeline.social_auth.social_user") + 1, STEP)
    settings.SOCIAL_AUTH_PIPELINE = steps
    settings.AUTHENTICATION_BACKENDS = [
        f"{__name__}.Acme",
        f"{__name__}.Globex",
        "social_core.backends.saml.SAMLAuth",
        "django.contrib.auth.backends.ModelBackend",
    ]
    settings.LOGIN_REDIRECT_URL = settings.SOCIAL_AUTH_LOGIN_ERROR_URL = "/whoami/"
    load_backends(settings.AUTHENTICATION_BACKENDS, force_load=True)  # type: ignore[no-untyped-call]
    yield
    load_backends([], force_load=True)  # type: ignore[no-untyped-call]


@pytest.fixture
def openid(
    settings: Any, scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> OpenID:
    for name in ("ACME", "GLOBEX"):
        setattr(settings, f"SOCIAL_AUTH_{name}_KEY", "shop")
        setattr(settings, f"SOCIAL_AUTH_{name}_SECRET", "secret")
    bind(scim_settings, {"acme": "acme", "globex": ISSUERS["globex"]}, external_id="sub")
    way = OpenID()
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda _, request, **__: way.provider.answer(request)
    )
    return way


@pytest.fixture
def saml(settings: Any, scim_settings: Callable[..., None]) -> SAML:
    way = SAML()
    person = {"givenName": "Ann", "emailAddress": "ann@shop.example"}
    settings.SOCIAL_AUTH_SAML_SP_ENTITY_ID = "https://shop.example/"
    settings.SOCIAL_AUTH_SAML_SP_PUBLIC_CERT = settings.SOCIAL_AUTH_SAML_SP_PRIVATE_KEY = ""
    settings.SOCIAL_AUTH_SAML_ORG_INFO = {
        "en-US": {"name": "shop", "displayname": "Shop", "url": "https://shop.example"}
    }
    settings.SOCIAL_AUTH_SAML_TECHNICAL_CONTACT = person
    settings.SOCIAL_AUTH_SAML_SUPPORT_CONTACT = person
    settings.SOCIAL_AUTH_SAML_ENABLED_IDPS = {
        tenant: {
            "entity_id": provider.entity_id,
            "url": f"{provider.entity_id}/sso",
            "x509cert": provider.certificate,
            "attr_user_permanent_id": "name_id",
        }
        for tenant, provider in way.providers.items()
    }
    bind(scim_settings, ISSUERS, external_id="name_id")
    return way


class TestOpenID(LogInContract):
    """What holds of each bridge, by OpenID Connect."""

    @pytest.fixture
    def way(self, openid: OpenID) -> OpenID:
        return openid


class TestSAML(LogInContract):
    """What holds of each bridge, by SAML."""

    @pytest.fixture
    def way(self, saml: SAML) -> SAML:
        return saml


@pytest.fixture
def acme(db: None) -> SCIMTestClient:
    """Return a connection with one person."""
    client = connect("acme")
    client.create_user("ann", externalId="E1", emails=[{"value": "ann@acme.example"}])
    return client


pytestmark = pytest.mark.urls("tests.log_in.routes")


def test_first_log_in_attaches_the_social_account(
    openid: OpenID, acme: SCIMTestClient, client: Client
) -> None:
    openid.enter(client, "E1")

    attached = UserSocialAuth.objects.get()
    assert (attached.provider, attached.uid, attached.user.username) == ("acme", "E1", "ann")


def test_social_account_of_somebody_else_is_refused(
    openid: OpenID, acme: SCIMTestClient, client: Client
) -> None:
    openid.enter(client, "E1")
    client.post("/out/")
    ann = acme.find('userName eq "ann"').json["Resources"][0]
    acme.patch(f"/Users/{ann['id']}", {"op": "replace", "path": "externalId", "value": "E2"})
    acme.create_user("bob", externalId="E1")

    assert "does not log in this way" in openid.enter(client, "E1")
    assert who_is_in(client) == ""


def test_who_is_logged_in_attaches_their_own_account_alone(
    openid: OpenID, acme: SCIMTestClient, client: Client
) -> None:
    client.force_login(make_user("bob"), "django.contrib.auth.backends.ModelBackend")
    assert who_is_in(client) == "bob"

    openid.enter(client, "E1")

    assert not UserSocialAuth.objects.exists()


def test_log_in_provider_that_is_not_bound_goes_on_without_us(
    openid: OpenID, acme: SCIMTestClient, client: Client, scim_settings: Callable[..., None]
) -> None:
    scim_settings(LOG_IN={})

    openid.enter(client, "E1", email="ann@acme.example", preferred_username="ann")

    ann, entered = host_user(acme.find('userName eq "ann"').json["Resources"][0]), who_is_in(client)
    assert entered not in ("", ann.username)
    assert get_user_model()._default_manager.get(username=entered).pk != ann.pk


class Anything:
    """A backend whose log-in provider says of itself what it likes."""

    name = "anything"


def test_issuer_counts_only_where_the_package_has_verified_it(
    scim_settings: Callable[..., None],
) -> None:
    bind(scim_settings, ISSUERS, external_id="sub")
    openid = Acme()
    openid.id_token = {"iss": ISSUERS["acme"]}

    assert provider_of(openid, {"iss": ISSUERS["globex"]}) == ISSUERS["acme"]
    assert provider_of(Anything(), {"iss": ISSUERS["acme"]}) == "anything"
    openid.id_token = {"iss": "https://id.example/initech"}
    assert provider_of(openid, {}) == "acme"


class Entra(AzureADV2TenantOAuth2):  # type: ignore[type-arg]
    """Entra for any tenant, in a request."""

    def __init__(self) -> None:
        request = RequestFactory().get("/")
        request.session = SessionStore()
        super().__init__(DjangoStrategy(DjangoStorage, request))

    def enter(self, **claims: str) -> Any:
        """Return the user who enters, or the status of the refusal."""
        answer: Any = enter_provisioned(self, {"tid": "t1", "oid": "E1", **claims})
        return answer["user"] if isinstance(answer, dict) else answer and answer.status_code


@pytest.mark.django_db
def test_entra_for_any_tenant_is_bound_by_its_tenants(scim_settings: Callable[..., None]) -> None:
    ann = host_user(connect("acme").create_user("ann", externalId="E1"))
    issuer, entra = "https://login.microsoftonline.com/t{}/v2.0", Entra()
    ours, another = {"iss": issuer.format(1)}, {"iss": issuer.format(2), "tid": "t2"}

    by_tenant = {"connections": {"t1": "acme"}, "tenant": "tid", "external_id": "oid"}
    scim_settings(LOG_IN={entra.name: by_tenant})
    assert (entra.enter(**ours), entra.enter(**another)) == (ann, 403)

    bind(scim_settings, {"acme": issuer.format(1)}, external_id="oid")
    assert (entra.enter(**ours), entra.enter(**another)) == (ann, None)

    bind(scim_settings, {"acme": entra.name}, external_id="oid")
    assert (entra.enter(**ours), entra.enter(**another)) == (403, 403)
