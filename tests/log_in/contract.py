"""What holds of each bridge to a log-in package: a file of tests adds how people come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client

from django_scim_provider.log_in import connection_of_session
from tests.people import connect, host_user, make_user, set_active
from tests.scim_client import SCIMTestClient


class Way(Protocol):
    """How somebody comes in: from the package's page to the identity provider, and back."""

    def enter(self, client: Client, subject: str, *, tenant: str = "acme", **said: str) -> str:
        """Return the text of the page where the browser ends; ``said`` may have ``email``."""


def whoami(request: HttpRequest) -> HttpResponse:
    """A page of the project that says who is logged in, and by which connection."""
    return HttpResponse(f"user={request.user.get_username()} by={connection_of_session(request)}")


def text_after(client: Client, answer: Any) -> str:
    """Return the text of the page where a browser ends, after an answer."""
    if answer.status_code == 302:
        answer = client.get(answer["Location"])
    text: str = answer.content.decode()
    return text


def who_is_in(client: Client) -> str:
    """Return the name of the user who is logged in; an empty text: nobody."""
    page = client.get("/whoami/").content.decode()
    return page.removeprefix("user=").partition(" ")[0] if page.startswith("user=") else ""


@pytest.mark.django_db
@pytest.mark.urls("tests.log_in.routes")
class LogInContract:
    """The tests; ``way`` is a fixture of the subclass, and acme and globex are its tenants.

    It binds them to the connections of the same names, with the subject as the ``externalId``.
    """

    @pytest.fixture(autouse=True)
    def _ask_at_each_request(self, settings: Any) -> None:
        middleware = "django_scim_provider.log_in.middleware.ActiveAccountMiddleware"
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]

    @pytest.fixture
    def acme(self) -> SCIMTestClient:
        """Return the connection of one customer; the other's has no people."""
        connect("globex")
        return connect("acme")

    def test_provisioned_person_logs_in_as_that_very_user(
        self, way: Way, acme: SCIMTestClient, client: Client
    ) -> None:
        ann = host_user(acme.create_user("ann", externalId="E1", name={"givenName": "Ann"}))
        people = get_user_model()._default_manager.count()

        for _ in range(2):  # the first attaches what the package keeps, the second finds it
            page = way.enter(client, "E1", email="elsewhere@acme.example", given_name="Eve")

            assert "user=ann by=acme" in page
            client.post("/out/")
        assert get_user_model()._default_manager.count() == people
        ann.refresh_from_db()
        assert (ann.first_name, ann.email) == ("Ann", "")

    def test_unknown_person_is_refused_in_words(
        self, way: Way, acme: SCIMTestClient, client: Client
    ) -> None:
        page = way.enter(client, "E2", email="ann@acme.example")

        assert "has not set up an account for you" in page
        assert who_is_in(client) == ""
        assert not get_user_model()._default_manager.exists()

    def test_deactivated_person_is_out_at_once_and_stays_out(
        self, way: Way, acme: SCIMTestClient, client: Client
    ) -> None:
        ann = acme.create_user("ann", externalId="E1")
        way.enter(client, "E1")
        assert who_is_in(client) == "ann"

        set_active(acme, ann, False)
        assert who_is_in(client) == ""
        page = way.enter(client, "E1")

        assert "has deactivated your account" in page
        assert who_is_in(client) == ""

    def test_deprovisioned_person_makes_no_new_user(
        self,
        way: Way,
        acme: SCIMTestClient,
        client: Client,
        scim_settings: Callable[..., None],
    ) -> None:
        scim_settings(DEPROVISION="deactivate")
        ann = acme.create_user("ann", externalId="E1")
        acme.request("DELETE", f"/Users/{ann['id']}")

        assert "has removed your account" in way.enter(client, "E1")
        assert get_user_model()._default_manager.count() == 1

    def test_address_of_somebody_else_leads_nowhere(
        self, way: Way, acme: SCIMTestClient, client: Client
    ) -> None:
        make_user("bob", email="bob@acme.example")
        acme.create_user("ann", externalId="E1", emails=[{"value": "ann@acme.example"}])

        for address in ("bob@acme.example", "ann@acme.example"):
            way.enter(client, "E9", email=address)

            assert who_is_in(client) == ""

    def test_identity_provider_of_another_customer_gets_nowhere(
        self, way: Way, acme: SCIMTestClient, client: Client
    ) -> None:
        acme.create_user("ann", externalId="E1")

        page = way.enter(client, "E1", tenant="globex")

        assert "has not set up an account for you" in page
        assert who_is_in(client) == ""

    @pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
    def test_staff_and_superusers_come_in_otherwise(
        self, way: Way, acme: SCIMTestClient, client: Client, flag: str
    ) -> None:
        ann = host_user(acme.create_user("ann", externalId="E1"))
        get_user_model()._default_manager.filter(pk=ann.pk).update(**{flag: True})

        assert "does not log in this way" in way.enter(client, "E1")
        assert who_is_in(client) == ""


def bind(scim_settings: Callable[..., None], keys: dict[str, str], **more: Any) -> None:
    """Bind log-in providers to the connections of their customers; ``keys`` are by the customer."""
    scim_settings(LOG_IN={key: {"connection": tenant, **more} for tenant, key in keys.items()})
