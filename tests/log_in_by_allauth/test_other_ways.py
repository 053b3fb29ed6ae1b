"""Staff, linked users, sign-ups, and SAML."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.core.context import request_context
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory

from django_scim_provider.log_in import connection_of_session
from tests.log_in_by_allauth.browsing import ANN, MODEL_BACKEND, bind, log_in, who
from tests.people import connect, host_user, make_user, post
from tests.scim_client import SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.log_in.urls")]


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_do_not_enter_this_way(flag: str) -> None:
    user = host_user(connect("acme").create_user("ann", externalId="00uANN"))
    SocialAccount.objects.create(user=user, provider="okta-acme", uid="00uANN")
    get_user_model()._default_manager.filter(pk=user.pk).update(**{flag: True})

    answer = log_in(ANN)

    assert answer.status_code == 403
    assert who(answer) == "nobody"


def test_linked_user_enters_who_had_this_log_in_before(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    scim = connect("acme")
    for name in ("ann@x.example", "bob@x.example"):
        user = make_user(name)
        assert post(scim, name, externalId=f"00u{name}").status == 201
        if name == "ann@x.example":
            SocialAccount.objects.create(user=user, provider="okta-acme", uid=f"00u{name}")

    assert who(log_in({"sub": "00uann@x.example"})) == "ann@x.example"
    assert who(log_in({"sub": "00ubob@x.example"})) == "nobody"


def test_social_account_of_another_user_is_refused() -> None:
    connect("acme").create_user("ann", externalId="00uANN")
    SocialAccount.objects.create(user=make_user("eve"), provider="okta-acme", uid="00uANN")

    assert who(log_in(ANN)) == "nobody"


def test_nobody_adds_the_log_in_of_somebody_else() -> None:
    scim = connect("acme")
    scim.create_user("ann", externalId="00uANN")
    eve, ann = make_user("eve"), get_user_model()._default_manager.get(username="ann")
    client = Client()
    client.force_login(eve, MODEL_BACKEND)

    assert log_in(ANN, client=client).status_code == 403
    assert not SocialAccount.objects.exists()
    client.force_login(ann, MODEL_BACKEND)
    log_in(ANN, client=client)
    assert SocialAccount.objects.get().user == ann


def test_strangers_sign_up_where_the_connection_lets_them(scim_settings: Any) -> None:
    bind(scim_settings, only_provisioned=False)
    connect("acme")

    answer = log_in({"sub": "00uNEW", "email": "new@x.example", "preferred_username": "new"})

    assert who(answer) == "new"
    assert connection_of_session(answer.client) is None


def test_sign_up_that_waits_is_refused_once_the_person_is_provisioned(
    scim_settings: Any, settings: Any
) -> None:
    settings.SOCIALACCOUNT_AUTO_SIGNUP = False
    bind(scim_settings, only_provisioned=False)
    scim = connect("acme")
    answer = log_in({"sub": "00uNEW", "email": "new@x.example"})
    form = "/accounts/3rdparty/signup/"
    assert answer["Location"] == form
    assert answer.client.get(form).status_code == 200

    scim.create_user("new", externalId="00uNEW")

    assert answer.client.get(form).status_code == 403
    assert answer.client.post(form, {"username": "n", "email": "n@x.example"}).status_code == 403


def test_log_in_provider_that_is_not_bound_is_left_alone(scim_settings: Any) -> None:
    connect("acme").create_user("ann", externalId="00uANN")
    scim_settings(LOG_IN={})

    answer = log_in({"sub": "00uANN", "email": "x@x.example", "preferred_username": "x"})

    assert who(answer) == "x"


class Assertion:
    """What allauth's SAML provider reads of an assertion that was verified."""

    def __init__(self, name_id: str, **attributes: list[str]) -> None:
        self._name_id, self._attributes = name_id, attributes

    def get_attributes(self) -> dict[str, list[str]]:
        return self._attributes

    def get_nameid(self) -> str:
        return self._name_id

    def get_nameid_format(self) -> str:
        return "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


@pytest.mark.parametrize(
    ("entity_id", "key"),
    [
        ("https://idp.acme.example/saml", "https://idp.acme.example/saml"),
        ("", "saml:acme-sso"),
    ],
)
def test_saml_goes_by_the_entity_id(
    scim_client: SCIMTestClient, scim_settings: Any, entity_id: str, key: str
) -> None:
    user = host_user(scim_client.create_user("ann", externalId="E1"))
    scim_client.create_user("bob", externalId="E2")
    scim_settings(
        LOG_IN={
            key: {"connection": "acme", "external_id": "objectidentifier"},
            "saml": {"connection": "nobody", "external_id": "uid"},
        }
    )
    app = SocialApp(provider="saml", provider_id=entity_id, client_id="acme-sso", name="Acme")

    def entering(assertion: Assertion) -> Any:
        request = RequestFactory().get("/")
        request.session, request.user = SessionStore(), AnonymousUser()
        request._messages = FallbackStorage(request)  # type: ignore[attr-defined]  # as its middleware
        with request_context(request):
            login = SAMLProvider(request, app).sociallogin_from_response(request, assertion)
            complete_social_login(request, login)
        return request.user

    assert entering(Assertion("name-1", objectidentifier=["E1"])) == user
    assert SocialAccount.objects.get().user == user
    for stranger in (Assertion("E1"), Assertion("ann", objectidentifier=["E1", "E2"])):
        assert entering(stranger).is_anonymous
