"""Users of the project that differ from what their sources say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.validators import MaxLengthValidator

from django_scim_provider import signals
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.drift.comparing import ann, compare, comparison, repair, told, write
from tests.lifecycle.test_returning import link_again
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def test_what_was_just_provisioned_does_not_differ(client: SCIMTestClient) -> None:
    ann(client)
    set_active(client, post(client, "bob@x.example").json, False)

    drift, found = compare()

    assert found == []
    assert (drift.compared, drift.differing) == (2, 0)


def test_changed_name_and_address_are_found_and_repaired(client: SCIMTestClient) -> None:
    user = ann(client)
    write(user, first_name="Anna", email="anna@x.example")

    found = told()
    drift = repair()

    assert found == ["user email", "user first_name"]
    assert (drift.repaired, drift.differing) == (1, 0)
    after = host_user(user)
    assert (after.first_name, after.email) == ("Ann", "ann@x.example")
    assert told() == []


def test_values_are_told_with_what_they_should_be(client: SCIMTestClient) -> None:
    write(ann(client), first_name="Anna")

    _, (finding,) = compare()

    (difference,) = finding.differences
    assert (difference.now, difference.due) == ("Anna", "Ann")


def test_log_in_that_nobody_vouches_for_is_closed_and_its_sessions_end(
    client: SCIMTestClient,
) -> None:
    user = ann(client)
    set_active(client, user, False)
    write(user, is_active=True)
    session = host_user(user).get_session_auth_hash()

    found = told()
    repair()

    assert found == ["user is_active"]
    assert not host_user(user).is_active
    assert host_user(user).get_session_auth_hash() != session
    assert told() == []


def test_what_the_project_closed_is_told_and_stays_closed(client: SCIMTestClient) -> None:
    user = ann(client)
    write(user, is_active=False)

    drift = repair()

    assert told() == ["user is_active closed"]
    assert (drift.differing, drift.repaired, drift.kept["closed"]) == (0, 0, 1)
    assert not host_user(user).is_active


def test_what_the_project_closed_is_opened_where_that_is_asked_for(client: SCIMTestClient) -> None:
    user = ann(client)
    write(user, is_active=False)

    found = told(reopen=True)
    repair(reopen=True)

    assert found == ["user is_active"]
    assert host_user(user).is_active
    assert told(reopen=True) == []


@pytest.mark.parametrize("kind", ["staff", "owner"])
def test_whom_provisioning_must_not_touch_is_told_and_left_alone(
    client: SCIMTestClient, kind: str
) -> None:
    user = ann(client)
    write(user, first_name="Anna")
    if kind == "staff":
        write(user, is_staff=True)
    else:
        LinkedAccount.objects.get().provider.__class__.objects.update(owner=host_user(user))

    drift = repair()

    assert told() == ["user first_name protected"]
    assert (drift.differing, drift.repaired) == (0, 0)
    assert host_user(user).first_name == "Anna"


def test_profile_of_a_linked_user_is_the_projects(scim_settings: Callable[..., None]) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    make_user("ann@x.example", first_name="Anna")
    user = ann(connect())

    found = told()

    assert host_user(user).first_name == "Anna"
    assert found == []


def test_log_in_of_a_user_linked_while_inactive_is_the_projects_until_something_is_said(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    make_user("ann@x.example")
    client = connect()
    user = ann(client, active=False)

    untouched = told()
    set_active(client, user, True)
    set_active(client, user, False)
    write(user, is_active=True)

    assert untouched == []
    assert told() == ["user is_active"]


def test_user_stays_open_while_another_source_vouches(client: SCIMTestClient) -> None:
    user = post(client, "ann@x.example").json
    connect("other")
    link_again(user, "other")
    set_active(client, user, False)

    assert host_user(user).is_active
    assert told() == []
    assert told("other") == []


def test_names_to_log_in_with_are_left_where_another_source_holds_the_user(
    client: SCIMTestClient,
) -> None:
    user = ann(client)
    connect("other")
    link_again(user, "other", manages_profile=False)
    write(user, username="anna", email="anna@x.example", first_name="Anna")

    repair()

    after = host_user(user)
    assert (after.username, after.email, after.first_name) == ("anna", "anna@x.example", "Ann")
    assert told() == []


def test_of_two_managers_the_one_that_wrote_last_is_compared(client: SCIMTestClient) -> None:
    user = post(client, "ann@x.example").json
    other = connect("other")
    second = {"id": link_again(user, "other", manages_profile=True).scim_id}
    operation = {"op": "replace", "path": "name.givenName", "value": "Annie"}
    other.patch(f"/Users/{second['id']}", operation)

    found = told(), told("other")

    assert host_user(user).first_name == "Annie"
    assert found == ([], [])


def test_name_that_somebody_else_took_is_refused_and_the_others_go_on(
    client: SCIMTestClient,
) -> None:
    user, bob = ann(client), post(client, "bob@x.example", name={"givenName": "Bob"}).json
    write(user, username="moved", email="moved@x.example")
    make_user("ann@x.example")
    write(bob, first_name="Rob")

    drift, found = compare(repair=True)

    assert (drift.repaired, drift.refused, drift.differing) == (1, 1, 1)
    assert found[0].refused == "userName is already in use."
    assert (host_user(user).username, host_user(bob).first_name) == ("moved", "Bob")
    event = ProvisioningEvent.objects.get(action="repair", outcome="refused")
    assert (event.resource_id, event.status, event.changed) == (user["id"], 409, "")


def test_user_whom_the_manager_hides_is_told(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann(client)
    manager = get_user_model()._default_manager.__class__
    monkeypatch.setattr(
        manager, "get_queryset", lambda self: super(manager, self).get_queryset().none()
    )

    assert told() == ["user pk hidden"]


def test_resource_that_the_adapter_refuses_now_is_told(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann(client)
    field = get_user_model()._meta.get_field("first_name")
    monkeypatch.setattr(field, "validators", [MaxLengthValidator(2)])

    assert told() == ["account resource unreadable"]


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Return a list that grows by a line for each signal about an account."""
    lines: list[str] = []

    def updated(account: LinkedAccount, **_: Any) -> None:
        lines.append(f"updated {account.pk}")

    def deactivated(account: LinkedAccount, **_: Any) -> None:
        lines.append(f"deactivated {account.pk}")

    signals.user_updated.connect(updated)
    signals.user_deactivated.connect(deactivated)
    yield lines
    signals.user_updated.disconnect(updated)
    signals.user_deactivated.disconnect(deactivated)


def test_each_repair_is_told_by_events_and_signals(
    client: SCIMTestClient, heard: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    user, bob = ann(client), post(client, "bob@x.example").json
    set_active(client, bob, False)
    write(user, first_name="Anna")
    write(bob, is_active=True)
    actor = make_user("root")

    with django_capture_on_commit_callbacks(execute=True):
        comparison(repair=True).run(actor=actor)

    assert heard == [f"updated {user['id']}", f"deactivated {bob['id']}"]
    events = ProvisioningEvent.objects.filter(action__startswith="repair").order_by("pk")
    assert [(e.action, e.resource_id, e.changed, e.actor) for e in events] == [
        ("repair_drift", "", "", actor),
        ("repair", user["id"], "first_name", None),
        ("repair", bob["id"], "is_active", None),
    ]
