"""Memberships, roles and log-ins are recorded with the event that moved them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.insight.pruning import prune_events
from django_scim_provider.models import EventEffect, ProviderConnection, ProvisioningEvent
from tests.people import connect, post, set_active
from tests.scim_client import GROUP, SCIMTestClient
from tests.test_bulk import bulk, create, create_group
from tests.test_groups import make_group
from tests.test_roles import map_to
from tests.timeline.recorded import effects, members, no_effect_without_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


@pytest.mark.parametrize("mapped", [False, True])
def test_members_who_come_and_leave_are_told(client: SCIMTestClient, mapped: bool) -> None:
    ann, bob, eve = (post(client, name).json for name in ("ann", "bob", "eve"))
    if mapped:
        map_to("elsewhere", "displayName")
    group = make_group(client, "Team", ann["id"])

    members(client, group, "add", ann, bob)
    members(client, group, "remove", ann, eve)
    members(client, group, "replace", bob, eve)
    members(client, group, "add", bob)

    assert effects() == [
        ("ann", "joined", "create"),
        ("bob", "joined", "update"),
        ("ann", "left", "update"),
        ("eve", "joined", "update"),
    ]
    assert no_effect_without_event()


@pytest.mark.parametrize("mapped", [False, True])
def test_whole_group_and_its_end_are_told(client: SCIMTestClient, mapped: bool) -> None:
    ann, bob = post(client, "ann").json, post(client, "bob").json
    if mapped:
        map_to("elsewhere", "displayName")
    child = make_group(client, "Child")
    group = make_group(client, "Team", ann["id"])
    body = {
        "schemas": [GROUP],
        "displayName": "Team",
        "members": [{"value": bob["id"]}, {"value": child["id"]}],
    }

    assert client.request("PUT", f"/Groups/{group['id']}", body).status == 200
    assert client.request("DELETE", f"/Groups/{group['id']}").status == 204

    told = effects()
    assert told[0] == ("ann", "joined", "create")
    assert set(told[1:4]) == {
        ("ann", "left", "update"),
        ("bob", "joined", "update"),
        ("Child", "joined", "update"),
    }
    assert set(told[4:]) == {("bob", "left", "delete"), ("Child", "left", "delete")}
    assert no_effect_without_event()


def test_change_that_moves_nobody_tells_nothing(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    EventEffect.objects.all().delete()

    members(client, group, "add", ann)
    members(client, group, "replace", ann)
    client.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "B"})

    assert effects() == []


def test_bulk_request_tells_as_well(client: SCIMTestClient) -> None:
    bulk(client, create("a", "ann"), create_group("g", "team", "bulkId:a"))

    assert effects() == [("ann", "joined", "create")]
    assert no_effect_without_event()


def test_refused_change_tells_nothing(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    value = [{"value": ann["id"]}, {"value": "nobody"}]

    answer = client.patch(
        f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": value}
    )

    assert answer.status == 400
    assert effects() == []


def test_roles_are_told_with_the_group_that_stands_for_them(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    target = map_to(group["id"])

    members(client, group, "add", ann)
    members(client, group, "remove", ann)

    rows = EventEffect.objects.filter(kind__in=["granted", "revoked"]).order_by("pk")
    assert [(row.kind, row.role, row.event.action) for row in rows] == [
        ("granted", f"group:{target.pk}", "update"),
        ("revoked", f"group:{target.pk}", "update"),
    ]
    assert str(rows[0].through) == group["id"]
    assert rows[1].through is None
    assert no_effect_without_event()


def test_replay_of_roles_is_one_event_with_its_effects(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])

    call_command("scim_reconcile", "--dry-run")
    assert effects("granted") == []
    call_command("scim_reconcile")

    assert effects("granted") == [("ann", "granted", "reconcile")]
    assert ProvisioningEvent.objects.filter(action="reconcile").count() == 1


def test_deactivation_and_return_move_roles(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])
    call_command("scim_reconcile")
    EventEffect.objects.all().delete()

    set_active(client, ann, False)
    set_active(client, ann, True)

    assert effects() == [("ann", "revoked", "deactivate"), ("ann", "granted", "activate")]


def test_missing_role_that_a_request_mends_has_an_event_of_its_own(
    client: SCIMTestClient,
) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])

    members(client, group, "add", ann)

    assert effects("granted") == [("ann", "granted", "reconcile")]
    assert no_effect_without_event()


def test_rename_that_means_a_role_tells_it(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to("Staff", "displayName")

    operation = {"op": "replace", "path": "displayName", "value": "Staff"}
    client.patch(f"/Groups/{group['id']}", operation)

    assert effects("granted") == [("ann", "granted", "update")]


def test_log_in_that_stays_open_is_told(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    one, two = connect("one"), connect("two")
    ann, again = post(one, "ann").json, post(two, "ann").json

    set_active(one, ann, False)
    assert effects("kept") == [("ann", "kept", "deactivate")]

    set_active(two, again, False)
    assert len(effects("kept")) == 1


def test_decommission_tells_lost_roles_with_the_release(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])
    call_command("scim_reconcile")

    decommission(ProviderConnection.objects.get(provider_id="acme"))

    assert effects("revoked") == [("ann", "revoked", "release")]
    assert no_effect_without_event()


def test_effects_of_events_that_are_gone_go_by_their_age(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    make_group(client, "Team", ann["id"])
    ProvisioningEvent.objects.all().delete()
    now = timezone.now()

    prune_events(now - timedelta(days=1))
    assert EventEffect.objects.exists()
    prune_events(now + timedelta(days=1), connection=ProviderConnection.objects.get())
    assert EventEffect.objects.exists()

    prune_events(now + timedelta(days=1))
    assert not EventEffect.objects.exists()


def test_effects_go_with_their_events(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    make_group(client, "Team", ann["id"])

    before = timezone.now() + timedelta(seconds=1)
    assert prune_events(before) == 3

    assert not EventEffect.objects.exists()
