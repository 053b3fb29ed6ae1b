"""allauth with SAML identity providers, from its page to the signed response: who enters is whom.

The package is the real one, and so is python3-saml beneath it, which verifies the signatures.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import include, path

from tests.log_in import routes
from tests.log_in.contract import LogInContract, bind, text_after, who_is_in
from tests.log_in.saml_provider import SAMLProvider
from tests.people import connect, host_user, make_user
from tests.scim_client import SCIMTestClient

urlpatterns = [*routes.urlpatterns, path("accounts/", include("allauth.urls"))]
ENTITY_IDS = {"acme": "https://id.example/acme", "globex": "https://id.example/globex"}
HOST = "testserver"
"""Browsers name it, the client of tests does not, and allauth reads it."""


class SAMLByAllauth:
    """People come in by the identity provider of their customer."""

    def __init__(self) -> None:
        self.providers = {
            tenant: SAMLProvider(
                entity_id, audience=f"http://{HOST}/accounts/saml/{tenant}/metadata/"
            )
            for tenant, entity_id in ENTITY_IDS.items()
        }

    def apps(self) -> list[dict[str, Any]]:
        """Return the entries of allauth's setting."""
        return [
            {
                "provider_id": provider.entity_id,
                "name": tenant,
                "client_id": tenant,
                "settings": {
                    "advanced": {"allow_single_label_domains": True},  # the host of tests is one
                    "attribute_mapping": {
                        "email": "email",
                        "email_verified": "email_verified",
                        "first_name": "given_name",
                        "username": "login",
                    },
                    "idp": {
                        "entity_id": provider.entity_id,
                        "sso_url": f"{provider.entity_id}/sso",
                        "x509cert": provider.certificate,
                    },
                },
            }
            for tenant, provider in self.providers.items()
        ]

    def enter(
        self,
        client: Client,
        subject: str,
        *,
        tenant: str = "acme",
        forge: Callable[[bytes], bytes] = bytes,
        **said: str,
    ) -> str:
        """Go the way of a browser; ``forge`` changes the response after it was signed."""
        asked = client.post(f"/accounts/saml/{tenant}/login/", headers={"host": HOST})
        said = {**said, "email_verified": "true"}
        acs, form = self.providers[tenant].answer(asked["Location"], subject, said)
        signed = base64.b64decode(form["SAMLResponse"])
        form["SAMLResponse"] = base64.b64encode(forge(signed)).decode()
        posted = client.post(acs, form, headers={"host": HOST})
        return text_after(client, client.get(posted["Location"], headers={"host": HOST}))


@pytest.fixture
def way(settings: Any, scim_settings: Callable[..., None]) -> SAMLByAllauth:
    way = SAMLByAllauth()
    settings.ROOT_URLCONF = __name__
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": way.apps()}}
    settings.LOGIN_REDIRECT_URL = "/whoami/"
    bind(scim_settings, ENTITY_IDS, external_id="uid")
    return way


class TestSAMLByAllauth(LogInContract):
    """What holds of each bridge."""


@pytest.fixture
def acme(db: None) -> SCIMTestClient:
    """Return a connection with one person; the other customer's has nobody."""
    connect("globex")
    client = connect("acme")
    client.create_user("ann", externalId="E1", emails=[{"value": "ann@acme.example"}])
    return client


def test_first_log_in_attaches_the_social_account(
    way: SAMLByAllauth, acme: SCIMTestClient, client: Client
) -> None:
    bob = host_user(acme.create_user("bob", externalId="E2"))

    assert "user=bob by=acme" in way.enter(client, "E2")

    attached = SocialAccount.objects.get()
    assert (attached.user, attached.provider, attached.uid) == (bob, ENTITY_IDS["acme"], "E2")


@pytest.mark.parametrize("only_provisioned", [True, False])
def test_verified_address_of_somebody_else_attaches_nothing(
    way: SAMLByAllauth,
    acme: SCIMTestClient,
    client: Client,
    scim_settings: Callable[..., None],
    only_provisioned: bool,
) -> None:
    bind(scim_settings, ENTITY_IDS, external_id="uid", only_provisioned=only_provisioned)
    bob = make_user("bob", email="bob@acme.example")
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)

    for address in ("bob@acme.example", "ann@acme.example"):
        way.enter(client, "E9", email=address, login="bob")

        assert who_is_in(client) not in ("bob", "ann")
        client.post("/out/")
    assert not SocialAccount.objects.filter(user=bob).exists()


def test_signature_of_another_customer_gets_nowhere(
    way: SAMLByAllauth, acme: SCIMTestClient, client: Client
) -> None:
    """The response says of itself that it is of this customer's identity provider."""
    way.providers["acme"].signs_as = ENTITY_IDS["globex"]

    way.enter(client, "E1")

    assert who_is_in(client) == ""


def test_response_that_was_changed_gets_nowhere(
    way: SAMLByAllauth, acme: SCIMTestClient, client: Client
) -> None:
    acme.create_user("bob", externalId="E2")

    way.enter(client, "E1", forge=lambda signed: signed.replace(b">E1<", b">E2<"))

    assert who_is_in(client) == ""


def test_answer_to_nobodys_question_gets_nowhere(
    way: SAMLByAllauth, acme: SCIMTestClient, client: Client
) -> None:
    """A response that another browser asked for logs this one in as nobody."""
    asked = Client().post("/accounts/saml/acme/login/", headers={"host": HOST})
    acs, form = way.providers["acme"].answer(asked["Location"], "E1", {})

    posted = client.post(acs, form, headers={"host": HOST})
    client.get(posted["Location"], headers={"host": HOST})

    assert who_is_in(client) == ""
