"""The pages of a connection: a token is shown once, and what ends something asks first."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from django_scim_provider.admin.connection_pages.decommission import DecommissionPage
from django_scim_provider.connections.instructions import INSTRUCTIONS
from django_scim_provider.core.profiles import GENERIC_PRODUCTS, PROFILES
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    SCIMToken,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import before_scim_token_generated
from tests.administration import generate, logged_in, shown_token, staff, url
from tests.factories import make_account, make_connection, make_token
from tests.people import make_organization
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db
VIEW = "view_providerconnection"


def add(client: Client, **answers: Any) -> Any:
    return client.post(
        url(ProviderConnection, "add"), {"provider_id": "acme", "profile": "okta", **answers}
    )


def actions() -> list[str]:
    return list(ProvisioningEvent.objects.order_by("pk").values_list("action", flat=True))


def test_new_connection_shows_its_token_and_the_fields_of_its_vendor(root: Client) -> None:
    page = add(root)
    content = page.content.decode()

    assert SCIMTestClient(shown_token(page)).get("/Users").status == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert 'value="http://testserver/scim/v2"' in content
    assert "SCIM connector base URL" in content
    assert "Tenant URL" not in content


def test_reloading_the_page_of_a_new_connection_shows_no_token(root: Client) -> None:
    token = shown_token(add(root))

    page = add(root)

    assert token not in page.content.decode()
    assert SCIMToken.objects.count() == 1
    assert SCIMTestClient(token).get("/Users").status == 200


def test_reloading_the_page_of_a_token_shows_it_no_more_and_makes_no_other(root: Client) -> None:
    connection, key = make_connection(), uuid7()
    token = shown_token(generate(root, connection, key=key))

    again = generate(root, connection, key=key)

    assert (again.status_code, SCIMToken.objects.count()) == (302, 1)
    assert token not in root.get(again.url).content.decode()
    assert SCIMTestClient(token).get("/Users").status == 200


def test_key_of_somebody_elses_token_reveals_nothing(root: Client) -> None:
    make_token(provider_id="acme")
    taken = SCIMToken.objects.get()

    page = generate(root, ProviderConnection.objects.get(), key=taken.pk)

    assert "already generated" in page.content.decode()
    assert SCIMToken.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x", "1' or 1=1"])
def test_form_without_a_key_makes_no_token(root: Client, key: str) -> None:
    page = generate(root, make_connection(), key=key)

    assert page.status_code == 200
    assert not SCIMToken.objects.exists()


def test_staff_without_the_permission_for_tokens_make_a_connection_without_one() -> None:
    client = logged_in(staff("me", "add_providerconnection", VIEW, "change_providerconnection"))

    page = add(client)

    assert page.status_code == 302
    assert (ProviderConnection.objects.count(), SCIMToken.objects.count()) == (1, 0)


def test_veto_of_the_project_leaves_a_new_connection_without_a_token(root: Client) -> None:
    def veto(**_: Any) -> None:
        raise PermissionDenied("not today")

    before_scim_token_generated.connect(veto)
    try:
        page = add(root)
    finally:
        before_scim_token_generated.disconnect(veto)

    assert "Not today" in root.get(page.url).content.decode()
    assert (ProviderConnection.objects.count(), SCIMToken.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("provider_id", "organization_id"),
    [
        pytest.param("credential", "", id="reserved"),
        pytest.param("\u00fc" * 200, "\u00fc" * 200, id="too-long-for-a-token"),
        pytest.param("acme", "nowhere", id="no-such-organization"),
    ],
)
def test_connection_that_no_token_could_open_is_refused(
    root: Client, provider_id: str, organization_id: str
) -> None:
    page = add(root, provider_id=provider_id, organization_id=organization_id)

    assert page.status_code == 200
    assert not ProviderConnection.objects.exists()


def test_rotating_needs_its_own_permission() -> None:
    make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()

    refused = generate(logged_in(staff("a", VIEW, "add_scimtoken")), connection)
    made = generate(logged_in(staff("b", VIEW, "rotate_scimtoken")), connection)

    assert (refused.status_code, made.status_code) == (403, 200)
    assert shown_token(made)


def test_first_token_needs_the_permission_to_add_one() -> None:
    connection = make_connection()

    refused = generate(logged_in(staff("a", VIEW, "rotate_scimtoken")), connection)

    assert refused.status_code == 403
    assert not SCIMToken.objects.exists()


def test_decommissioned_connection_gets_no_token_in_the_admin(root: Client) -> None:
    connection = make_connection(decommissioned_at=timezone.now())

    assert generate(root, connection).status_code == 403
    assert (
        "generate-token"
        not in root.get(url(ProviderConnection, "change", connection.pk)).content.decode()
    )
    connection.refresh_from_db()
    assert connection.decommissioned_at is not None


def test_connection_is_disabled_and_enabled_again(root: Client) -> None:
    wire = make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()
    address, answers = url(ProviderConnection, "switch", connection.pk), []

    for method in (root.get, root.post, root.post):
        method(address)
        answers.append(SCIMTestClient(wire).get("/Users").status)

    assert answers == [200, 401, 200]
    assert actions()[-2:] == ["disable_connection", "enable_connection"]
    assert set(
        ProvisioningEvent.objects.filter(action__endswith="able_connection").values_list(
            "actor__username", flat=True
        )
    ) == {"root"}


def test_decommissioning_asks_for_the_id_and_lets_go_of_the_users(root: Client) -> None:
    wire = make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()
    SCIMTestClient(wire).create_user("ann")
    address = url(ProviderConnection, "decommission", connection.pk)

    root.get(address)
    mistyped = root.post(address, {"provider_id": "acne"})
    untouched = SCIMTestClient(wire).get("/Users").status
    done = root.post(address, {"provider_id": "acme"})

    assert (mistyped.status_code, untouched, done.status_code) == (200, 200, 302)
    assert SCIMTestClient(wire).get("/Users").status == 401
    assert not LinkedAccount.objects.select_related("user").get().user.is_active
    assert actions()[-1] == "decommission"


def test_decommissioning_of_many_goes_on_where_it_was(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()
    for number in range(3):
        make_account("acme", {"schemas": [CORE], "userName": f"u{number}"}, number)
    monkeypatch.setattr("django_scim_provider.admin.connection_pages.decommission.LIMIT", 2)
    address = url(ProviderConnection, "decommission", connection.pk)
    offered = url(ProviderConnection, "change", connection.pk)

    first = root.post(address, {"provider_id": "acme"})
    left = LinkedAccount.objects.filter(released_at=None).count()
    still_offered = address in root.get(offered).content.decode()
    second = root.post(address, {"provider_id": "acme"})

    assert (first.status_code, left, second.status_code) == (200, 1, 302)
    assert "1 user remains" in first.content.decode()
    assert still_offered
    assert address not in root.get(offered).content.decode()
    assert actions().count("decommission") == 1


@pytest.mark.parametrize(
    ("page", "permission"),
    [
        ("switch", "disable_providerconnection"),
        ("decommission", DecommissionPage.permission.partition(".")[2]),
    ],
)
def test_page_that_ends_something_needs_its_permission(page: str, permission: str) -> None:
    connection = make_connection()
    address = url(ProviderConnection, page, connection.pk)
    answers = {"provider_id": "acme"}

    refused = logged_in(staff("a", VIEW, "change_providerconnection")).post(address, answers)
    allowed = logged_in(staff("b", VIEW, permission)).post(address, answers)

    assert (refused.status_code, allowed.status_code) == (403, 302)


def test_pages_that_the_reader_may_not_open_are_not_linked(root: Client) -> None:
    connection = make_connection()
    page = url(ProviderConnection, "change", connection.pk)
    links = re.compile(rf"/{connection.pk}/(generate-token|switch|decommission)/")

    mine = links.findall(root.get(page).content.decode())
    theirs = links.findall(logged_in(staff("a", VIEW)).get(page).content.decode())

    assert (mine, theirs) == (["generate-token", "switch", "decommission"], [])


def test_connection_of_an_organization_that_staff_make_has_no_owner() -> None:
    client = logged_in(staff("me", "add_providerconnection", VIEW))

    make_organization("o1")
    add(client, organization_id="o1")

    assert ProviderConnection.objects.get().owner is None


def test_every_vendor_profile_has_its_instructions() -> None:
    assert set(INSTRUCTIONS) == {*PROFILES, *GENERIC_PRODUCTS} - {"generic", "strict"}


def test_nothing_is_told_of_a_token_in_the_log_of_the_admin(root: Client) -> None:
    token = shown_token(add(root))

    told = [entry.change_message for entry in LogEntry.objects.all()]

    assert len(told) == 2
    assert not any(token in message for message in told)


def test_a_project_says_how_recent_a_log_in_must_be(root: Client, scim_settings: Any) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        for shared, status in ((600, 403), (None, 200)):
            scim_settings(ADMIN_RECENT_LOGIN=None, RECENT_LOGIN=shared)
            assert generate(root, make_connection(provider_id=f"{shared}")).status_code == status


def test_token_is_shown_to_a_recent_log_in_only(root: Client) -> None:
    connection = make_connection()
    address = url(ProviderConnection, "generate_token", connection.pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        asked, refused = root.get(address), generate(root, connection)
        made = SCIMToken.objects.count()
        added = add(root, provider_id="new")
        led = root.post(address, {"log_in": "1"})

    assert (asked.status_code, refused.status_code, made) == (200, 403, 0)
    new = ProviderConnection.objects.get(provider_id="new")
    assert added["Location"] == url(ProviderConnection, "generate_token", new.pk)
    assert not SCIMToken.objects.exists()
    assert b"Log in again" in asked.content
    assert b"Log in again" in refused.content
    assert led["Location"].endswith(f"/login/?next={address}")
    assert root.get(address).status_code == 302
