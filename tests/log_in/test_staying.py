"""Who is logged in stays for as long as the account is active."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.test import AsyncClient, Client

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.log_in.bound_sessions import SESSION_KEY
from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.tenancy.models import Membership

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.log_in.urls")]
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
ALL_USERS = "django.contrib.auth.backends.AllowAllUsersModelBackend"
MIDDLEWARE = "django_scim_provider.log_in.middleware.ActiveAccountMiddleware"


@pytest.fixture(autouse=True)
def middleware(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.AUTHENTICATION_BACKENDS = [MODEL_BACKEND, ALL_USERS]


def browser(user: Any, provider_id: str | None = None, backend: str = MODEL_BACKEND) -> Client:
    """Return a browser in which somebody is logged in, by a connection or not."""
    client = Client()
    client.force_login(user, backend)
    if provider_id is not None:
        session = client.session
        session[SESSION_KEY] = provider_id
        session.save()
    return client


def told(client: Client, **headers: str) -> str:
    """Return who the page says is there, or the reason why nobody is any more."""
    answer = client.get("/who/", headers={"accept": "application/json", **headers})
    return answer.json()["reason"] if answer.status_code == 403 else answer.content.decode()


def test_deactivated_person_is_out_at_once_and_told_so() -> None:
    scim = connect("acme")
    ann = scim.create_user("ann", externalId="E1")
    client = browser(host_user(ann), "acme")
    assert told(client) == "ann"

    set_active(scim, ann, False)
    answer = client.get("/who/")

    assert answer.status_code == 403
    assert "Your organization has deactivated your account." in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert told(client) == "nobody"


def test_deleted_account_ends_the_session(scim_settings: Callable[..., None]) -> None:
    scim_settings(DEPROVISION="deactivate")
    scim = connect("acme")
    ann = scim.create_user("ann")
    client = browser(host_user(ann), "acme", ALL_USERS)

    scim.request("DELETE", f"/Users/{ann['id']}")

    assert told(client) in ("deprovisioned", "nobody")
    assert told(client) == "nobody"


def test_one_of_two_connections_ends_what_it_opened(scim_settings: Callable[..., None]) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    acme, globex = connect("acme"), connect("globex")
    ann = acme.create_user("ann@x.example")
    assert post(globex, "ann@x.example").status == 201
    user = host_user(ann)
    by_acme, by_globex = browser(user, "acme"), browser(user, "globex")
    by_password = browser(user)

    LinkedAccount.objects.of("acme").update(active=False)

    assert told(by_acme) == "inactive"
    assert told(by_globex) == "ann@x.example"
    assert told(by_password) == "ann@x.example"
    LinkedAccount.objects.of("globex").update(active=False)
    assert told(by_password) == "inactive"


def test_who_left_the_organization_is_out() -> None:
    user = host_user(connect("acme", "org").create_user("ann"))
    client = browser(user, "acme")
    assert told(client) == "ann"

    Membership.objects.filter(user=user).delete()

    assert told(client) == "not-a-member"


def test_member_of_another_organization_keeps_a_session_of_their_own() -> None:
    user = host_user(connect("acme", "org").create_user("ann"))
    make_organization("other", ann="member")
    by_password, by_acme = browser(user), browser(user, "acme")

    LinkedAccount.objects.update(active=False)

    assert told(by_password) == "ann"
    assert told(by_acme) == "inactive"


def test_connection_that_is_decommissioned_says_nothing_any_more() -> None:
    user = host_user(connect("acme").create_user("ann"))
    client = browser(user, "acme")

    decommission(ProviderConnection.objects.get(), keep_access=True)

    assert told(client) == "ann"


def test_people_without_accounts_and_staff_are_left_alone() -> None:
    assert told(browser(make_user("own@x.example"))) == "own@x.example"
    inactive = make_user("late@x.example", is_active=False)
    assert told(browser(inactive, backend=ALL_USERS)) == "late@x.example"
    boss = host_user(connect("acme").create_user("boss"))
    get_user_model()._default_manager.filter(pk=boss.pk).update(is_staff=True)
    LinkedAccount.objects.update(active=False)
    assert told(browser(boss)) == "boss"


def test_backend_that_lets_inactive_users_in_does_not_let_these(
    scim_settings: Callable[..., None],
) -> None:
    scim = connect("acme")
    ann = scim.create_user("ann")
    set_active(scim, ann, False)

    assert told(browser(host_user(ann), backend=ALL_USERS)) == "inactive"


def test_project_may_have_a_page_for_it(scim_settings: Callable[..., None]) -> None:
    scim_settings(LOG_IN_REFUSED_URL="who")
    client = browser(host_user(connect("acme").create_user("ann")), "acme")
    LinkedAccount.objects.update(active=False)

    answer = client.get("/who/")

    assert (answer.status_code, answer["Location"]) == (302, "/who/?reason=inactive")
    assert client.get("/who/").content == b"nobody"


def test_request_costs_one_statement_and_none_without_a_session(
    django_assert_num_queries: Any,
) -> None:
    client = browser(host_user(connect("acme").create_user("ann")), "acme")
    session_and_user = 2

    with django_assert_num_queries(session_and_user + 1):
        assert told(client) == "ann"
    with django_assert_num_queries(0):
        assert told(Client()) == "nobody"


def test_async_views_are_reached_and_guarded() -> None:
    client = browser(host_user(connect("acme").create_user("ann")), "acme")
    asynchronous = AsyncClient()
    asynchronous.cookies = client.cookies
    get = async_to_sync(asynchronous.get)
    assert get("/who-async/").content == b"ann"

    LinkedAccount.objects.update(active=False)

    assert get("/who-async/").status_code == 403
    assert get("/who-async/").content == b"nobody"
