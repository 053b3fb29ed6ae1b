"""A refusal leads to its failure, and a failure to all of its refusals."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from django_scim_provider.models import Failure, ProviderConnection, ProvisioningEvent
from tests.administration import logged_in, staff, url
from tests.parallel import in_parallel
from tests.people import connect, post
from tests.scim_client import SCIMTestClient
from tests.test_bulk import bulk, create

EVENTS, FAILURES, CONNECTIONS = (
    "view_provisioningevent",
    "view_failure",
    "view_providerconnection",
)


@pytest.fixture
def okta(db: None) -> SCIMTestClient:
    return connect(profile="okta")


def refused() -> list[ProvisioningEvent]:
    """Return the events of refusals, the oldest first."""
    return list(ProvisioningEvent.objects.filter(outcome="refused").order_by("pk"))


def link_of(client: Client, event: ProvisioningEvent) -> str:
    """Return where the page of an event leads to for its failure; empty for nowhere."""
    page = client.get(url(ProvisioningEvent, "change", event.pk)).content.decode()
    found = re.search(r'href="([^"]*/failures/[^"]*)">Read why, and what to do', page)
    return "" if found is None else unescape(found.group(1))


def events_shown(client: Client) -> list[Any]:
    """Return the keys of the events to which the one line of the failures leads."""
    (connection,) = ProviderConnection.objects.all()
    address = url(ProviderConnection, "failures", connection.pk)
    page = client.get(address).content.decode()
    found = re.search(r'href="([^"]*)" aria-label="Events of this failure', page)
    if found is None:
        return []
    listed: Any = client.get(unescape(found.group(1))).context["cl"]
    return [event.pk for event in listed.result_list]


def test_each_refusal_leads_to_its_failure_and_back(root: Client, okta: SCIMTestClient) -> None:
    for _ in range(3):
        post(okta, "ann", active="perhaps")
    post(okta, "bob")

    for event in refused():
        page = root.get(link_of(root, event)).content.decode()
        assert page.count('class="scim-who"') == 1
        assert "3 times" in page
    assert sorted(events_shown(root)) == [event.pk for event in refused()]


def test_refusals_of_one_bulk_request_lead_to_failures_of_their_own(
    root: Client, okta: SCIMTestClient
) -> None:
    bulk(okta, create("a", "ann", active="perhaps"), create("b", "bob", active="perhaps"))

    links = {link_of(root, event) for event in refused()}

    assert len(links) == 2
    for link in links:
        assert root.get(link).content.decode().count('class="scim-who"') == 1


def test_change_that_is_made_has_no_failure(root: Client, okta: SCIMTestClient) -> None:
    post(okta, "ann")

    (event,) = ProvisioningEvent.objects.filter(action="create")
    assert event.failure_id is None
    assert link_of(root, event) == ""


def test_failure_that_was_pruned_is_no_link(root: Client, okta: SCIMTestClient) -> None:
    post(okta, "ann", active="perhaps")
    Failure.objects.all().delete()

    assert link_of(root, refused()[0]) == ""


@pytest.mark.parametrize("without", [FAILURES, CONNECTIONS])
def test_link_is_for_those_who_may_open_the_page(okta: SCIMTestClient, without: str) -> None:
    post(okta, "ann", active="perhaps")
    (event,) = refused()

    seeing = logged_in(staff("seeing", EVENTS, FAILURES, CONNECTIONS))
    blind = logged_in(staff("blind", *{EVENTS, FAILURES, CONNECTIONS} - {without}))

    assert link_of(seeing, event)
    assert link_of(blind, event) == ""


def test_events_are_for_those_who_may_see_them(okta: SCIMTestClient) -> None:
    post(okta, "ann", active="perhaps")

    assert events_shown(logged_in(staff("seeing", EVENTS, FAILURES, CONNECTIONS)))
    assert events_shown(logged_in(staff("blind", FAILURES, CONNECTIONS))) == []


@pytest.mark.parametrize("key", ["", "x", "0"])
def test_key_that_is_none_is_no_fault(root: Client, okta: SCIMTestClient, key: str) -> None:
    post(okta, "ann")

    answer: Any = root.get(url(ProvisioningEvent, "changelist") + f"?failure={key}")

    assert answer.status_code == 200
    assert answer.context["cl"].result_count == (0 if key else len(ProvisioningEvent.objects.all()))


@pytest.mark.django_db(transaction=True)
def test_same_refusal_at_once_is_one_failure() -> None:
    okta = connect(profile="okta")

    in_parallel(4, lambda number: post(okta, "ann", active="perhaps"))

    (failure,) = Failure.objects.all()
    assert failure.count == 4
    assert {event.failure_id for event in refused()} == {failure.pk}
