"""Events are found by what people have in hand: names, ids, days and outcomes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from django_scim_provider.admin.event_pages import event_lists
from django_scim_provider.models import (
    ProviderConnection,
    ProvisioningEvent,
)
from django_scim_provider.models.moments import local, utc_now
from tests.administration import staff
from tests.events.listing import LIST, START, make_events, shown, viewer
from tests.factories import key_of, make_connection
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["ann", "ANN", "e-ann"])
def test_people_are_found_by_name_and_external_id(
    root: Client, okta: SCIMTestClient, text: str
) -> None:
    ann = post(okta, "ann", externalId="e-ann").json
    post(okta, "bob", externalId="e-bob")

    assert {event.resource_id for event in shown(root, f"?q={text}")} == {ann["id"]}
    assert len(shown(root, f"?q={text}&provider=okta")) == 1
    assert shown(root, f"?q={text}&provider=nobody") == []


def test_same_id_of_another_connection_is_not_found_by_the_name(
    root: Client, okta: SCIMTestClient
) -> None:
    ann = post(okta, "ann").json
    make_connection(provider_id="other")
    make_events(1, provider_id="other", resource_id=ann["id"])

    assert {event.provider_id for event in shown(root, "?q=ann")} == {"okta"}
    assert {event.provider_id for event in shown(root, f"?q={ann['id']}")} == {"okta", "other"}


def test_group_is_found_by_name(root: Client, okta: SCIMTestClient) -> None:
    group = make_group(okta, "The Team")

    assert {event.resource_id for event in shown(root, "?q=the+team")} == {group["id"]}


def test_event_is_found_by_its_own_id(root: Client, okta: SCIMTestClient) -> None:
    post(okta, "ann")
    event = ProvisioningEvent.objects.latest("pk")

    assert [found.pk for found in shown(root, f"?q={event.pk}")] == [event.pk]
    assert event.pk in {found.pk for found in shown(root, f"?q={str(event.pk)[:13]}")}


def test_names_of_connections_of_others_find_nothing(okta: SCIMTestClient) -> None:
    post(okta, "ann")
    owner = staff("owner")
    ProviderConnection.objects.filter(provider_id="okta").update(owner=owner)

    assert shown(viewer("eve", "view_linkedaccount"), "?q=ann") == []


def test_days_are_walked_by_links(root: Client) -> None:
    make_connection()
    make_events(3)

    page = root.get(f"{LIST}?day=2026-01-01&outcome__exact=done").content.decode()

    assert "day=2025-12-31&amp;outcome__exact=done" in page
    assert "day=2026-01-02&amp;outcome__exact=done" in page
    assert 'type="date"' in page
    with time_machine.travel(utc_now(), tick=False):  # it is the same day for the page
        today = local(utc_now()).date()
        assert "Day after" not in root.get(f"{LIST}?day={today}").content.decode()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/Santiago"])
@pytest.mark.parametrize(
    "day",
    [
        *("0001-01-01", "1969-12-31", "1970-01-01", "1970-01-02", "9999-12-29", "9999-12-31"),
        "2026-09-06",  # has no midnight in Santiago
    ],
)
def test_no_day_is_a_fault(root: Client, zone: str, day: str) -> None:
    make_connection()
    with timezone.override(zone):
        pages = [root.get(f"{where}?day={day}") for where in (LIST, f"{LIST}export/")]

    assert [page.status_code for page in pages] == [200, 200]


def test_day_is_that_of_the_readers_zone(root: Client, settings: Any) -> None:
    make_connection()
    at = datetime(2026, 3, 1, 23, 30, tzinfo=ZoneInfo("UTC"))
    ProvisioningEvent.objects.create(
        id=key_of(at), provider_id="acme", at=at, action="update", outcome="done"
    )

    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        assert shown(root, "?day=2026-03-01") == []
        assert len(shown(root, "?day=2026-03-02")) == 1


def test_rare_outcome_is_looked_for_step_by_step(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_lists, "LOOKED_THROUGH", 20)
    make_connection()
    make_events(1, outcome="failed")
    ProvisioningEvent.objects.update(id=key_of(START - timedelta(days=1)))
    make_events(30)

    first = root.get(f"{LIST}?outcome__exact=failed")
    assert first.context["cl"].result_count == 0
    further = first.context["cl"].further_back
    assert "Look further back" in first.content.decode()

    second = root.get(LIST + further)
    assert second.context["cl"].result_count == 1
    assert second.context["cl"].further_back == ""
    assert root.get(LIST).context["cl"].result_count == 31
