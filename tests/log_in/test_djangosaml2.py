"""djangosaml2 with SAML identity providers: who enters is who was provisioned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import saml2
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import include, path
from saml2 import sigver

from tests.log_in import routes
from tests.log_in.contract import LogInContract, bind, text_after, who_is_in
from tests.log_in.saml_provider import SAMLProvider, credentials, verify
from tests.people import connect, make_user
from tests.scim_client import SCIMTestClient

ENTITY_IDS = {
    "acme": "https://id.example/acme",
    "globex": "https://id.example/globex",
    "initech": "https://id.example/initech",
}
AUDIENCE = "http://testserver/saml2/metadata/"


class Libxmlsec(sigver.CryptoBackend):  # type: ignore[misc]  # it is untyped
    """Verifies by the library of the program xmlsec1, which need not be installed then."""

    version = "1.3.0"

    def validate_signature(
        self, signedtext: str, cert_file: str, cert_type: str, node_name: str, node_id: str
    ) -> bool:
        """Tell whether the element is signed by whom the certificate is about."""
        return verify(signedtext, node_id, cert_file)


class SAML:
    """People come in by the identity provider of their customer."""

    def __init__(self) -> None:
        self.providers = {
            tenant: SAMLProvider(entity_id, audience=AUDIENCE)
            for tenant, entity_id in ENTITY_IDS.items()
        }

    def enter(
        self,
        client: Client,
        subject: str,
        *,
        tenant: str = "acme",
        said_issuer: str | None = None,
        **said: str,
    ) -> str:
        asked = client.get("/saml2/login/", {"idp": ENTITY_IDS[tenant], "next": "/whoami/"})
        answer = self.providers[tenant].answer(
            asked["Location"], subject, said, said_issuer=said_issuer
        )
        return text_after(client, client.post(*answer))


@pytest.fixture
def way(settings: Any, scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> SAML:
    way = SAML()
    monkeypatch.setattr(sigver, "CryptoBackendXMLSecurity", Libxmlsec)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "djangosaml2"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "djangosaml2.middleware.SamlSessionMiddleware"]
    settings.AUTHENTICATION_BACKENDS = ["django_scim_provider.contrib.djangosaml2.SAMLBackend"]
    settings.SAML_ATTRIBUTE_MAPPING = {
        "email": ("email",),
        "given_name": ("first_name",),
        "login": ("username",),
    }
    settings.SAML_CONFIG = {
        "entityid": AUDIENCE,
        "crypto_backend": "XMLSecurity",
        "allow_unknown_attributes": True,
        "service": {
            "sp": {
                "endpoints": {
                    "assertion_consumer_service": [
                        ("http://testserver/saml2/acs/", saml2.BINDING_HTTP_POST)
                    ]
                },
                "want_assertions_signed": True,
                "want_response_signed": False,
            }
        },
        "metadata": {"inline": [provider.metadata for provider in way.providers.values()]},
    }
    bound = {tenant: ENTITY_IDS[tenant] for tenant in ("acme", "globex")}
    bind(scim_settings, bound, external_id="name_id")
    return way


class TestDjangosaml2(LogInContract):
    """What holds of each bridge."""


pytestmark = pytest.mark.urls("tests.log_in.routes")


@pytest.fixture
def acme(db: None) -> SCIMTestClient:
    """Return a connection with one person."""
    connect("globex")
    client = connect("acme")
    client.create_user("ann", externalId="E1", emails=[{"value": "ann@acme.example"}])
    return client


def test_response_that_names_another_issuer_gets_nowhere(
    way: SAML, acme: SCIMTestClient, client: Client
) -> None:
    """The identity provider of one customer signs the assertion, the response names the other's."""
    way.enter(client, "E1", tenant="globex", said_issuer=ENTITY_IDS["acme"])
    assert who_is_in(client) == ""

    way.enter(client, "E1", said_issuer=ENTITY_IDS["globex"])
    assert who_is_in(client) == ""


without_the_view = [
    path("saml2/", include("djangosaml2.urls")),
    *(each for each in routes.urlpatterns if not str(each.pattern).startswith("saml2")),
]


def test_nobody_enters_without_the_view(
    way: SAML, acme: SCIMTestClient, client: Client, settings: Any
) -> None:
    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": without_the_view})

    way.enter(client, "E1")

    assert who_is_in(client) == ""


def test_signatures_are_verified(tmp_path: Path) -> None:
    """What stands in the place of xmlsec1 does not nod through."""
    signed = (
        SAMLProvider("https://id.example/acme", audience=AUDIENCE)
        ._sign('<Response xmlns="urn:x"><Assertion ID="a1"><Issuer/>E9</Assertion></Response>')
        .decode()
    )
    acme, globex = (tmp_path / name for name in ("acme.pem", "globex.pem"))
    acme.write_bytes(credentials(ENTITY_IDS["acme"])[1])
    globex.write_bytes(credentials(ENTITY_IDS["globex"])[1])

    assert verify(signed, "a1", str(acme))
    assert not verify(signed, "a1", str(globex))
    assert not verify(signed.replace("E9", "E1"), "a1", str(acme))


def test_identity_provider_that_is_not_bound_is_left_to_other_backends(
    way: SAML, acme: SCIMTestClient, client: Client, settings: Any
) -> None:
    way.enter(client, "E1", tenant="initech", login="bob")
    assert who_is_in(client) == ""

    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "djangosaml2.backends.Saml2Backend",
    ]
    way.enter(client, "E1", tenant="initech", login="bob")
    assert who_is_in(client) == "bob"


def test_strangers_enter_where_they_may_but_as_nobody_whom_a_connection_holds(
    way: SAML, acme: SCIMTestClient, client: Client, scim_settings: Callable[..., None]
) -> None:
    bind(scim_settings, ENTITY_IDS, external_id="name_id", only_provisioned=False)
    make_user("bob")
    make_user("root", is_superuser=True)

    for name, enters in (("bob", True), ("eve", True), ("ann", False), ("root", False)):
        way.enter(client, "E9", login=name)

        assert who_is_in(client) == (name if enters else "")
        client.post("/out/")
    assert get_user_model()._default_manager.filter(username="eve").exists()


def test_project_may_authorize_by_attributes(
    way: SAML, acme: SCIMTestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_scim_provider.contrib.djangosaml2 import SAMLBackend

    monkeypatch.setattr(
        SAMLBackend, "is_authorized", lambda _, attributes, *__: "vpn" in attributes
    )

    way.enter(client, "E1")
    assert who_is_in(client) == ""
    way.enter(client, "E1", vpn="yes")
    assert who_is_in(client) == "ann"
