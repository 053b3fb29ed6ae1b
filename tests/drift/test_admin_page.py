"""The page of a connection in the admin that shows drift and repairs it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from tests.administration import staff
from tests.people import connect, host_user, make_user, post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group
from tests.test_roles import map_to

pytestmark = pytest.mark.django_db

VIEW = "view_providerconnection"
REPAIR = "repair_providerconnection"


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def changed(client: SCIMTestClient, name: str = "ann") -> dict[str, Any]:
    """Return somebody whose first name the project changed."""
    person: dict[str, Any] = post(client, f"{name}@x.example", name={"givenName": "Given"}).json
    users = get_user_model()._default_manager
    users.filter(pk=host_user(person).pk).update(first_name="<Changed>")
    return person


def address(provider_id: str = "acme") -> str:
    connection = ProviderConnection.objects.get(provider_id=provider_id)
    return reverse("admin:scim_provider_providerconnection_drift", args=[connection.pk])


def browser(*permissions: str, **fields: Any) -> Client:
    found = Client()
    found.force_login(
        staff("me", *permissions, **fields), backend="django.contrib.auth.backends.ModelBackend"
    )
    return found


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_page_shows_who_differs_and_how(client: SCIMTestClient) -> None:
    person = changed(client)

    page = text_of(browser(is_superuser=True).get(address()))

    assert "ann@x.example" in page
    account = quote(person["id"])
    assert reverse("admin:scim_provider_linkedaccount_change", args=[account]) in page
    assert "user: first name" in page
    assert "&lt;Changed&gt;" in page
    assert "<td>Given</td>" in page
    assert "1 differs." in page
    assert ProviderConnection.objects.get().drift_count == 1


def test_values_and_names_need_the_permission_to_see_accounts(client: SCIMTestClient) -> None:
    person = changed(client)

    page = text_of(browser(VIEW).get(address()))

    assert "user: first name" in page
    assert person["id"] in page
    for secret in ("Changed", "Given", "ann@x.example", "Should be"):
        assert secret not in page


def test_who_may_see_accounts_sees_values(client: SCIMTestClient) -> None:
    changed(client)

    page = text_of(browser(VIEW, "view_linkedaccount").get(address()))

    assert "Given" in page
    assert "Repair what this page compared" not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("permissions", [[], [REPAIR], ["view_linkedaccount"]])
def test_page_needs_the_permission_to_see_connections(
    client: SCIMTestClient, method: str, permissions: list[str]
) -> None:
    person = changed(client)

    answer = getattr(browser(*permissions), method)(address())

    assert answer.status_code == 403
    assert host_user(person).first_name == "<Changed>"


def test_repair_needs_its_permission(client: SCIMTestClient) -> None:
    person = changed(client)

    answer = browser(VIEW, "view_linkedaccount").post(address())

    assert answer.status_code == 403
    assert host_user(person).first_name == "<Changed>"


def test_repair_needs_a_token_of_the_form(client: SCIMTestClient) -> None:
    person = changed(client)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        staff("me", is_superuser=True), backend="django.contrib.auth.backends.ModelBackend"
    )

    assert strict.post(address()).status_code == 403
    assert host_user(person).first_name == "<Changed>"


def test_asking_repairs_nothing_and_posting_does(client: SCIMTestClient) -> None:
    person = changed(client)
    me = browser(VIEW, REPAIR)

    asked = me.get(address())
    before = host_user(person).first_name
    done = me.post(address(), follow=True)

    assert "Repair what this page compared" in text_of(asked)
    assert (before, host_user(person).first_name) == ("<Changed>", "Given")
    assert "1 account or group was repaired." in text_of(done)
    assert "0 differ." in text_of(done)
    run = ProvisioningEvent.objects.get(action="repair_drift")
    assert run.actor is not None
    assert run.actor.username == "me"
    assert LogEntry.objects.get().change_message == "Repaired drift of 1."


def test_what_the_project_closed_is_given_back_where_the_box_is_ticked(
    client: SCIMTestClient,
) -> None:
    person = post(client, "ann@x.example").json
    get_user_model()._default_manager.update(is_active=False)
    me = browser(VIEW, REPAIR)

    shown = text_of(me.get(address()))
    me.post(address())
    after_one = host_user(person).is_active
    me.post(address(), {"reopen": "on"})

    assert "closed by the project" in shown
    assert (after_one, host_user(person).is_active) == (False, True)


def test_page_says_that_nothing_needs_a_repair(client: SCIMTestClient) -> None:
    post(client, "ann@x.example")
    get_user_model()._default_manager.update(is_active=False)

    page = text_of(browser(is_superuser=True).get(address()))

    assert "<td>user: active</td>" in page
    assert "Nothing of this page needs a repair" in page
    assert "The repair touches" not in page


def test_page_of_somebody_elses_personal_connection_is_none(client: SCIMTestClient) -> None:
    person = changed(client)
    ProviderConnection.objects.update(owner=make_user("other"))
    me = browser(VIEW, REPAIR)

    assert me.get(address()).status_code in (403, 404)
    assert me.post(address()).status_code in (403, 404)
    assert host_user(person).first_name == "<Changed>"


def test_closed_connection_is_shown_and_not_repaired(client: SCIMTestClient) -> None:
    person = changed(client)
    ProviderConnection.objects.update(enabled=False)
    me = browser(is_superuser=True)

    shown = text_of(me.get(address()))
    posted = text_of(me.post(address()))

    assert "Repair what this page compared" not in shown
    assert "nothing is repaired" in posted
    assert host_user(person).first_name == "<Changed>"


def test_organization_without_a_backend_is_told(scim_settings: Any) -> None:
    connect(organization_id="corp")
    scim_settings(ORGANIZATION_BACKEND=None)

    page = browser(is_superuser=True).get(address())

    assert page.status_code == 200
    assert "Organizations are not enabled" in text_of(page)


def test_roles_and_groups_are_shown(client: SCIMTestClient) -> None:
    ann, bob = (post(client, f"{name}@x.example").json for name in ("ann", "bob"))
    group = make_group(client, "Team", ann["id"])
    staff_group = map_to(group["id"])
    ProvisionedGroup.objects.update(display_name="")
    LinkedAccount.objects.filter(pk=bob["id"]).update(resource="{")

    page = text_of(browser(is_superuser=True).get(address()))

    assert f"Django group {staff_group.name}" in page
    assert "group: display name" in page
    assert "(empty)" in page
    assert "the stored resource cannot be used" in page


def test_connection_links_to_the_page(client: SCIMTestClient) -> None:
    connection = ProviderConnection.objects.get()
    change = reverse("admin:scim_provider_providerconnection_change", args=[connection.pk])

    assert address() in text_of(browser(VIEW).get(change))


def test_page_takes_the_same_queries_for_any_number_of_people(
    client: SCIMTestClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        changed(client, f"p{number}")
    me = browser(is_superuser=True)
    me.get(address())

    with django_assert_max_num_queries(40):
        assert len(me.get(address()).context["rows"]) == 12


def test_page_speaks_the_language_of_its_reader(client: SCIMTestClient) -> None:
    changed(client)

    with translation.override("de"):
        page = text_of(browser(is_superuser=True).get(address()))

    assert "Benutzer: Vorname" in page  # a word that Django translates
