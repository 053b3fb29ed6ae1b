"""Roles of people where groups' roles are looked after as well: replay, drift, bulk, endings."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider import signals
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.connections.unlinking import unlink
from django_scim_provider.models import (
    EventEffect,
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    RoleGrant,
)
from tests.drift.comparing import repair, told
from tests.people import connect, host_user, make_organization, make_user, post
from tests.roles_of_people.mapping import map_everyone, map_value
from tests.roles_of_people.test_attributes import put
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership
from tests.test_bulk import bulk, create, patch, statuses
from tests.test_roles import groups_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def test_replay_gives_and_takes(client: SCIMTestClient) -> None:
    ann, bob = (post(client, name, userType=name).json for name in ("ann", "bob"))
    mapping = map_value("userType", "ANN")
    default = map_everyone(to="people")

    call_command("scim_reconcile", verbosity=0)
    given = groups_of(ann), groups_of(bob)
    mapping.delete()
    default.delete()
    call_command("scim_reconcile", verbosity=0)

    assert given == (["people", "staff"], ["people"])
    assert (groups_of(ann), groups_of(bob)) == ([], [])


def test_drift_is_found_and_repaired(client: SCIMTestClient) -> None:
    ann, bob = (post(client, name, userType="x").json for name in ("ann", "bob"))
    mapping = map_value("userType", "x")
    missing = told()
    repair()
    given = groups_of(ann), groups_of(bob)
    mapping.delete()
    unbacked = told()
    repair()

    role = f"role django_group {mapping.django_group_id}"
    assert (missing, unbacked) == ([role, role], [role, role])
    assert given == (["staff"], ["staff"])
    assert (groups_of(ann), groups_of(bob), told()) == ([], [], [])


@pytest.mark.parametrize("way", ["decommission", "delete", "unlink"])
def test_role_goes_with_the_account(client: SCIMTestClient, way: str) -> None:
    map_value("userType", "x")
    map_everyone(to="people")
    user = host_user(ann := post(client, "ann", userType="x").json)
    user.set_password("own")  # so that the user stays
    user.save()
    before = groups_of(ann)

    if way == "decommission":
        decommission(ProviderConnection.objects.get())
    elif way == "unlink":
        unlink(LinkedAccount.objects.all())
    else:
        client.request("DELETE", f"/Users/{ann['id']}")

    user = get_user_model().objects.filter(pk=user.pk).first()
    assert before == ["people", "staff"]
    assert user is None or not user.groups.exists()
    assert not RoleGrant.objects.exists()


def test_people_of_a_bulk_request_have_it_from_the_first(client: SCIMTestClient) -> None:
    map_value("userType", "x")
    map_everyone(to="people")
    first = post(client, "zoe").json

    answer = bulk(
        client,
        create("a", "ann", userType="x"),
        create("b", "bob"),
        patch(f"/Users/{first['id']}", {"op": "add", "path": "userType", "value": "X"}),
    )

    found = {user.username: user for user in get_user_model().objects.all()}
    has = {name: sorted(g.name for g in user.groups.all()) for name, user in found.items()}
    assert statuses(answer) == ["201", "201", "200"]
    assert has == {"ann": ["people", "staff"], "bob": ["people"], "zoe": ["people", "staff"]}
    events = ProvisioningEvent.objects.filter(effects__kind="granted").values_list(
        "action", flat=True
    )
    assert sorted(events) == ["create"] * 4 + ["update"]


def test_many_people_cost_a_fixed_number_of_statements_more(client: SCIMTestClient) -> None:
    def created(first: int, number: int) -> int:
        with CaptureQueriesContext(database) as context:
            people = (create(f"u{n}", f"u{n}", userType="x") for n in range(first, first + number))
            assert set(statuses(bulk(client, *people))) == {"201"}
        return len(context)

    created(900, 2)
    plain = created(0, 60) - created(100, 10)
    map_value("userType", "x")
    map_everyone(to="people")

    assert created(200, 60) - created(300, 10) == plain
    assert Group.objects.get(name="staff").user_set.count() == 70


def test_linked_people_have_the_default_role(client: SCIMTestClient) -> None:
    map_everyone(to="people")
    user = make_user("ann", email="ann@x.example")

    call_command(
        "scim_link_users", "acme", "--email-domain", "x.example", "--trust-unverified", "--commit"
    )

    assert [group.name for group in user.groups.all()] == ["people"]
    assert EventEffect.objects.get(kind="granted").event.action == "adopt"


def test_organization_role_follows_an_attribute() -> None:
    client = connect("org", "acme")
    make_organization("acme")
    map_value("roles", "billing", provider_id="org", organization_role="admin")
    ann = post(client, "ann").json

    seen = []
    for value in ([{"value": "Billing"}], []):
        put(client, ann, "roles", value)
        seen.append(Membership.objects.get(user=host_user(ann)).role)

    assert seen == ["admin", "member"]


def test_signals_tell_of_roles(
    client: SCIMTestClient, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[str] = []

    def hear(signal: Any, **told: Any) -> None:
        heard.append("granted" if signal is signals.role_granted else "revoked")

    map_value("userType", "x")
    for signal in (signals.role_granted, signals.role_revoked):
        signal.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            ann = post(client, "ann", userType="x").json
        with django_capture_on_commit_callbacks(execute=True):
            put(client, ann, "userType", "y")
    finally:
        for signal in (signals.role_granted, signals.role_revoked):
            signal.disconnect(hear)

    assert heard == ["granted", "revoked"]


def test_staff_are_left_alone(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    get_user_model().objects.update(is_staff=True)
    map_everyone()

    call_command("scim_reconcile", verbosity=0)

    assert groups_of(ann) == []


def test_attribute_that_is_there_no_more_stands_for_nobody(client: SCIMTestClient) -> None:
    mapping = map_value("userType", "x")
    ann = post(client, "ann", userType="x").json
    type(mapping).objects.update(attribute="urn:example:gone:User:kind")

    call_command("scim_reconcile", verbosity=0)

    assert groups_of(ann) == []


def test_update_of_another_attribute_looks_at_the_mappings_alone(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    put(client, ann, "title", "a")

    def statements(value: str) -> int:
        with CaptureQueriesContext(database) as context:
            put(client, ann, "title", value)
        return len(context)

    before = statements("b")
    map_value("userType", "x")

    assert statements("c") == before + 1
