"""The page of failures: what it shows, to whom, and what can be done there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider import ciphers
from django_scim_provider.insight import inbox
from django_scim_provider.insight.inbox import failures_of
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
)
from django_scim_provider.models.moments import utc_now
from tests.administration import logged_in, staff, url
from tests.failures.test_recording import only, post
from tests.scim_client import GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db
SEES = ("view_providerconnection", "view_failure")
LINKS = ("change_linkedaccount", "change_user", "view_linkedaccount", "view_user")


@pytest.fixture
def acme(scim_client: SCIMTestClient) -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


def address(connection: ProviderConnection, query: str = "") -> str:
    return url(ProviderConnection, "failures", connection.pk) + query


def shown(client: Client, connection: ProviderConnection, query: str = "") -> str:
    response = client.get(address(connection, query))
    assert response.status_code == 200
    content = response.content.decode()
    return str(content[content.index('<div class="scim-page">') :])


def test_line_says_who_what_and_how_often(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    for _ in range(3):
        answer = post(scim_client, "ann@x.example", externalId="00u1", active="perhaps")

    page = shown(root, acme)

    assert "ann@x.example" in page
    assert "externalId 00u1" in page
    assert "<code>active</code>" in page
    assert "active must be true or false, not …." in page
    assert "3 times" in page
    assert answer.headers["X-Request-ID"] in page
    assert "perhaps" not in page


def test_user_in_the_way_is_a_link_for_those_who_may_see_both(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    user = get_user_model().objects.create(username="taken@x.example")
    post(scim_client, "taken@x.example")

    link = f'<a href="/admin/auth/user/{user.pk}/change/">taken@x.example</a>'
    assert link in shown(root, acme)

    for missing in ("view_linkedaccount", "view_user"):
        kept = {"view_linkedaccount", "view_user"} - {missing}
        page = shown(logged_in(staff(f"no-{missing}", *SEES, *kept)), acme)
        assert link not in page
        assert "an existing user who is not of this connection" in page


def test_names_are_for_those_who_may_see_accounts(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    page = shown(logged_in(staff("reader", *SEES)), acme)

    assert "ann@x.example" not in page
    assert "Somebody whom you may not see" in page


def test_account_in_the_way_is_a_link(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    scim_client.create_user("ann@x.example")
    post(scim_client, "ann@x.example")

    account = LinkedAccount.objects.get()
    assert f'<a href="{url(LinkedAccount, "change", account.pk)}">' in shown(root, acme)


@pytest.mark.parametrize("permissions", [("view_providerconnection",), ("view_failure",), ()])
def test_page_is_for_those_with_both_permissions(
    acme: ProviderConnection, permissions: tuple[str, ...]
) -> None:
    client = logged_in(staff("reader", *permissions))

    assert client.get(address(acme)).status_code == 403


def test_personal_connection_of_somebody_else_is_not_found(acme: ProviderConnection) -> None:
    acme.owner = staff("owner")
    acme.save()

    assert logged_in(staff("reader", *SEES)).get(address(acme)).status_code in (302, 404)


def test_navigation_counts_what_is_open(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    page = root.get(url(ProviderConnection, "change", acme.pk)).content.decode()

    assert 'Failures <span class="scim-count">1</span>' in page


def test_ignored_line_leaves_the_list_and_comes_back(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    client = logged_in(staff("worker", *SEES, "change_failure"))
    key = {"failure": only().pk}

    answer = client.post(address(acme, "?period=all"), {"do": "ignore", **key})
    assert answer.headers["Location"] == address(acme, "?period=all")
    assert only().state == "ignored"
    assert "Reopen" in shown(client, acme, "?state=ignored")

    client.post(address(acme), {"do": "reopen", **key})
    assert (only().state, only().ended_at) == ("open", None)
    actions = ProvisioningEvent.objects.filter(actor__isnull=False).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["ignore_failure", "reopen_failure"]


@pytest.mark.parametrize("do", ["ignore", "reopen", "link", "bring-back", "nonsense", ""])
def test_reader_changes_nothing(
    scim_client: SCIMTestClient, acme: ProviderConnection, do: str
) -> None:
    get_user_model().objects.create(username="taken@x.example")
    post(scim_client, "taken@x.example")
    client = logged_in(staff("reader", *SEES))

    assert client.post(address(acme), {"do": do, "failure": only().pk}).status_code == 403
    assert only().state == "open"


def test_failure_of_another_connection_is_not_found(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    other = ProviderConnection.objects.create(provider_id="other")

    for key in (only().pk, "0198c1d5-0000-7000-8000-000000000000", "x", ""):
        answer = root.post(address(other), {"do": "ignore", "failure": key})
        assert answer.status_code == 404
    assert only().state == "open"


def test_change_needs_the_csrf_token(scim_client: SCIMTestClient, acme: Any) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff("root", is_superuser=True))

    answer = client.post(address(acme), {"do": "ignore", "failure": only().pk})

    assert answer.status_code == 403
    assert only().state == "open"


def test_old_failures_are_shown_on_demand(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    Failure.objects.update(last_at=utc_now() - timedelta(days=31))

    assert "Nobody fails." in shown(root, acme)
    assert "<code>active</code>" in shown(root, acme, "?period=all")


def test_pages_follow_each_other_by_key(
    scim_client: SCIMTestClient,
    root: Client,
    acme: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 2)
    for number in range(5):
        post(scim_client, f"user{number}@x.example", active="perhaps")

    query: Any = ""
    seen: list[str] = []
    for _ in range(3):
        response = root.get(address(acme, query))
        seen += [line.identity.name[:5] for line in response.context["lines"]]
        query = response.context["next_page"]

    assert seen == ["user4", "user3", "user2", "user1", "user0"]
    assert query is None
    assert "user4" in shown(root, acme, "?start=nonsense")


@pytest.mark.parametrize("text", ["ANN@x.example", "00u1"])
def test_person_is_found_by_who_they_are(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection, text: str
) -> None:
    post(scim_client, "ann@x.example", externalId="00u1", active="perhaps")
    post(scim_client, "eve@x.example", externalId="00u2", active="perhaps")

    page = shown(root, acme, f"?q={text}")

    assert "ann@x.example" in page
    assert "eve@x.example" not in page
    assert "Nobody of that name" in shown(root, acme, "?q=nobody")
    assert "eve@x.example" in shown(root, acme, "?q=%00")


def test_switch_that_would_let_it_pass_is_a_link(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    emails = [{"value": f"{name}@x.example", "primary": True} for name in ("a", "b")]
    post(scim_client, "ann@x.example", emails=emails)

    link = f"{url(ProviderConnection, 'change', acme.pk)}#id_switch_several_primaries"
    assert link in shown(root, acme)
    assert link not in shown(logged_in(staff("reader", *SEES)), acme)
    ProviderConnection.objects.update(profile="ping")
    assert link not in shown(root, acme)


def test_page_says_that_nobody_is_named_without_the_package(
    root: Client, acme: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Who was refused is not kept" not in shown(root, acme)
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", False)
    assert "Who was refused is not kept" in shown(root, acme)


def test_page_takes_as_many_statements_for_many_lines(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    def fail(number: int) -> None:
        get_user_model().objects.create(username=f"taken{number}@x.example")
        scim_client.create_user(f"own{number}@x.example")
        for name in (f"taken{number}", f"own{number}", f"new{number}"):
            post(scim_client, f"{name}@x.example", emails="wrong" if "new" in name else [])
        body = {"schemas": [GROUP], "displayName": f"T{number}", "members": [{"value": "x"}]}
        scim_client.request("POST", "/Groups", body)

    counts = []
    for rounds in ((0,), range(1, 6)):
        for number in rounds:
            fail(number)
        shown(root, acme)  # what is remembered is remembered
        with CaptureQueriesContext(database) as context:
            page = shown(root, acme)
        counts.append(len(context))

    assert page.count("<li>\n<p") == 24
    assert counts[0] == counts[1] <= 14


def test_refusal_in_the_events_knows_its_failure(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    scim_client.create_user("eve@x.example")

    found = failures_of(ProvisioningEvent.objects.order_by("pk"))

    refused = ProvisioningEvent.objects.get(outcome="refused")
    assert found == {refused.pk: only()}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:00:00-14:00"])
def test_position_outside_of_the_calendar_is_the_beginning(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection, moment: str
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    page = shown(root, acme, f"?start={moment}~{only().pk}")

    assert "ann@x.example" in page
