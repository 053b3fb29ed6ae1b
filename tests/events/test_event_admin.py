"""Events in the admin: who sees which, what they link to, and lists that hold at any size."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.admin.event_pages import event_lists
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from tests.administration import logged_in, staff, url
from tests.events.listing import (
    EXPORT,
    LIST,
    START,
    exported,
    make_events,
    queries_of,
    shown,
    viewer,
)
from tests.factories import make_connection
from tests.people import post
from tests.scim_client import GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db


def test_list_shows_what_happened(root: Client, scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann", title="T").json
    post(scim_client, "ann")

    page = root.get(LIST).content.decode()

    for text in ("acme", "active, title, userName", "409 uniqueness", ann["id"]):
        assert text in page


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_nobody_writes_into_the_record(root: Client, page: str) -> None:
    make_connection()
    make_events(1)
    before = list(ProvisioningEvent.objects.values())
    arguments = [] if page == "add" else [before[0]["id"]]

    answer = root.post(url(ProvisioningEvent, page, *arguments), {"action": "x", "post": "yes"})

    assert answer.status_code == 403
    assert list(ProvisioningEvent.objects.values()) == before


def test_one_event_is_shown_with_its_links(root: Client, scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann").json
    event = ProvisioningEvent.objects.get(action="create")

    page = root.get(url(ProvisioningEvent, "change", event.pk)).content.decode()

    assert url(LinkedAccount, "change", ann["id"]) in page
    assert url(ProviderConnection, "change", ProviderConnection.objects.get().pk) in page


def test_resource_is_linked_while_it_is_there_and_may_be_seen(
    root: Client, scim_client: SCIMTestClient
) -> None:
    ann, bob = post(scim_client, "ann").json, post(scim_client, "bob").json
    scim_client.request("DELETE", f"/Users/{bob['id']}")

    def linked(client: Client) -> set[str]:
        return {event.told.who.address for event in shown(client) if event.resource_id} - {""}

    address = url(LinkedAccount, "change", ann["id"])
    assert linked(root) == {address}
    assert linked(viewer("one")) == set()
    assert linked(viewer("two", "view_linkedaccount")) == {address}


def test_personal_connections_of_others_stay_hidden(root: Client) -> None:
    ann = staff("ann", "view_provisioningevent")
    make_connection(provider_id="shared")
    make_connection(provider_id="anns", owner=ann)
    make_connection(provider_id="bobs", owner=staff("bob"))
    make_connection(provider_id="org", owner=staff("eve"), organization_id="o")
    for provider_id in ("shared", "anns", "bobs", "org"):
        make_events(1, provider_id=provider_id)
    hidden = ProvisioningEvent.objects.get(provider__provider_id="bobs")

    client = logged_in(ann)

    assert {e.provider_id for e in shown(client)} == {"shared", "anns", "org"}
    assert {row["provider_id"] for row in exported(client)} == {"shared", "anns", "org"}
    assert shown(client, f"?q={hidden.resource_id}") == []
    assert shown(client, "?provider=bobs") == []
    assert client.get(url(ProvisioningEvent, "change", hidden.pk)).status_code == 302
    assert {e.provider_id for e in shown(root)} == {"shared", "anns", "bobs", "org"}


@pytest.mark.parametrize("address", [LIST, EXPORT])
def test_permission_is_needed(address: str) -> None:
    assert logged_in(staff("nobody")).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    customer = get_user_model()._default_manager.create(username="customer")
    assert logged_in(customer).get(address).status_code == 302


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("provider=acme", {"1", "2", "3"}),
        ("provider=ACME", set()),
        ("provider=%00", {"1", "2", "3", "4"}),
        ("outcome__exact=refused", {"2"}),
        ("action=delete", {"3"}),
        ("action=nonsense", {"1", "2", "3", "4"}),
        ("resource_type=Group", {"3"}),
        ("resource_type=nonsense", {"1", "2", "3", "4"}),
        ("day=2025-12-31", {"1", "2", "3"}),
        ("day=2026-01-01", set()),
        ("day=nonsense", {"1", "2", "3", "4"}),
        ("by=project", {"1", "2", "3", "4"}),
        ("by=people", set()),
        ("by=directory", set()),
        ("q=request-1", {"1"}),
        ("q=request", {"1", "3"}),
        ("q=reque", set()),
        ("q=%00", {"1", "2", "3", "4"}),
        ("q=A0000000-0000-0000-0000-000000000001", {"1"}),
        ("q=a0000000-0000", {"1"}),
        ("q=b0000000000000000000000000000002", {"2"}),
        ("provider=acme&outcome__exact=done&q=request-3", {"3"}),
    ],
)
def test_filters_and_search_find_exactly(root: Client, query: str, expected: set[str]) -> None:
    make_connection()
    make_connection(provider_id="other")
    make_events(1, resource_id="a0000000-0000-0000-0000-000000000001", request_id="request-1")
    make_events(1, outcome="refused", request_id="b0000000000000000000000000000002")
    make_events(1, action="delete", resource_type="Group", request_id="request-3")
    make_events(1, provider_id="other")
    ProvisioningEvent.objects.filter(provider__provider_id="other").update(
        at=START + timedelta(days=40)
    )
    for number, event in enumerate(ProvisioningEvent.objects.order_by("pk"), 1):
        ProvisioningEvent.objects.filter(pk=event.pk).update(status=number)

    assert {str(event.status) for event in shown(root, f"?{query}")} == expected
    assert {row["status"] for row in exported(root, f"?{query}")} == expected


def test_filter_of_connections_keeps_the_rest_and_is_no_list(root: Client) -> None:
    for number in range(30):
        make_connection(provider_id=f"c{number}")

    page = root.get(f"{LIST}?outcome__exact=done&q=x&p=1&provider=c1").content.decode()

    assert '<option value="done" selected>' in page
    assert '<input type="hidden" name="q" value="x">' in page
    assert '<input type="hidden" name="p"' not in page
    assert 'name="provider" value="c1"' in page
    assert "provider=c29" not in page
    assert ">c29<" not in page


def test_wrong_filter_leads_back_to_the_list(root: Client) -> None:
    for address in (LIST, EXPORT):
        answer: Any = root.get(f"{address}?nonsense=1")
        assert (answer.status_code, answer.url.split("?")[0]) == (302, LIST)


def test_list_takes_the_same_queries_for_any_rows(
    root: Client, scim_client: SCIMTestClient
) -> None:
    def fill(start: int) -> None:
        for number in range(start, start + 6):
            user = post(scim_client, f"user{number}").json
            members = [{"value": user["id"]}]
            body = {"schemas": [GROUP], "displayName": "g", "members": members}
            scim_client.request("POST", "/Groups", body)

    fill(0)
    few = queries_of(root, LIST)
    fill(6)
    make_events(200)

    assert queries_of(root, LIST) == few
    assert ProvisionedGroup.objects.count() == 12
    assert few <= 8


def test_pages_end_where_counting_ends(root: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_connection()
    make_events(250)
    monkeypatch.setattr(event_lists, "MAX_LISTED", 200)

    with CaptureQueriesContext(connection) as made:
        page = root.get(f"{LIST}?p=2")

    counts = [query["sql"] for query in made if "COUNT(" in query["sql"]]
    changelist = page.context["cl"]
    assert (changelist.result_count, changelist.paginator.num_pages) == (200, 2)
    assert "Only the latest" in page.content.decode()
    assert "Only the latest" not in root.get(f"{LIST}?q=r1").content.decode()
    assert all("LIMIT 200" in sql for sql in counts)
    assert len(counts) == 1
    assert len(exported(root)) == 250
