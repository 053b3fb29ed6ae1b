"""What is done to many connections at once: asked first, told afterwards, for who may."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.test import Client

from django_scim_provider.admin.bulk_actions import selection, stepwise, switching
from django_scim_provider.admin.bulk_actions.selection import Progress, packed
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from tests.administration import logged_in, staff
from tests.console.choosing import LIST, address, choose, confirm, fields, go_on, text_of
from tests.factories import make_connection

pytestmark = pytest.mark.django_db
ACTIONS = {
    "disable": "disable_providerconnection",
    "enable": "disable_providerconnection",
    "rotate": "rotate_scimtoken",
    "export": "export_providerconnection",
    "repair": "repair_providerconnection",
}
SEES = ("view_providerconnection", "view_linkedaccount")


@pytest.fixture
def three() -> list[ProviderConnection]:
    return [make_connection(provider_id=f"c{n}", name=f"Corp {n}") for n in range(3)]


def states() -> dict[str, bool]:
    return dict(ProviderConnection.objects.values_list("provider_id", "enabled"))


def test_disabling_asks_first_with_count_and_names(
    root: Client, three: list[ProviderConnection]
) -> None:
    page = choose(root, "disable", three[:2])

    assert "2 connections are chosen" in text_of(page)
    assert "Corp 0" in text_of(page)
    assert "Corp 2" not in text_of(page)
    assert states() == {"c0": True, "c1": True, "c2": True}


def test_refusal_without_a_word_is_told_as_one(
    root: Client, three: list[ProviderConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise PermissionDenied

    monkeypatch.setattr(switching, "switch_connection", refuse)

    shown = text_of(confirm(root, "disable", choose(root, "disable", three[:2])))

    assert "You may not do this." in shown
    assert "0 connections were disabled." in shown


def test_ten_are_named_and_the_others_counted(root: Client) -> None:
    for number in range(13):
        make_connection(provider_id=f"c{number:02d}")

    shown = text_of(choose(root, "disable"))

    assert "13 connections are chosen" in shown
    assert "c09" in shown
    assert "c10" not in shown
    assert "and 3 more" in shown


def test_confirmed_disabling_is_done_and_told(
    root: Client, three: list[ProviderConnection]
) -> None:
    answer = confirm(root, "disable", choose(root, "disable", three[:2]))

    assert states() == {"c0": False, "c1": False, "c2": True}
    assert "2 connections were disabled." in text_of(answer)
    events = ProvisioningEvent.objects.filter(action="disable_connection")
    assert set(events.values_list("provider", "actor__username")) == {
        ("c0", "root"),
        ("c1", "root"),
    }
    assert sorted(LogEntry.objects.values_list("object_repr", "change_message")) == [
        ("Corp 0", "Disabled."),
        ("Corp 1", "Disabled."),
    ]


def test_enabling_leaves_what_is_enabled_or_closed(
    root: Client, three: list[ProviderConnection]
) -> None:
    ProviderConnection.objects.filter(provider_id="c0").update(enabled=False)
    decommission(three[2])
    page = choose(root, "enable", three)

    asked = text_of(page)
    told = text_of(confirm(root, "enable", page))

    for shown in (asked, told):
        assert "1 is enabled already" in shown or "1: is enabled already" in shown
        assert "1 is decommissioned" in shown or "1: is decommissioned" in shown
    assert "1 connection was enabled." in told
    assert states()["c0"]


def test_where_nothing_can_be_done_there_is_no_button(
    root: Client, three: list[ProviderConnection]
) -> None:
    page = choose(root, "enable", three)

    assert b'type="submit" value="Enable' not in page.content
    assert "3: is enabled already" in text_of(page)


def test_all_of_a_filtered_list_are_chosen_by_what_was_confirmed(
    root: Client, three: list[ProviderConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepwise, "STEP", 1)
    ProviderConnection.objects.filter(provider_id="c1").update(enabled=False)
    page = choose(root, "disable", query="?state=enabled")
    make_connection(provider_id="later")

    answer = go_on(root, "disable", page)

    assert states() == {"c0": False, "c1": False, "c2": False, "later": True}
    assert "2 connections were disabled." in text_of(answer)


def test_work_goes_on_step_by_step(
    root: Client, three: list[ProviderConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepwise, "STEP", 2)

    step = confirm(root, "disable", choose(root, "disable", three))

    assert "2 of 3 connections are done." in text_of(step)
    assert states() == {"c0": False, "c1": False, "c2": True}
    assert "3 connections were disabled." in text_of(confirm(root, "disable", step))


def test_step_ends_when_its_time_is_over(
    root: Client, three: list[ProviderConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 1000, 4))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))

    step = confirm(root, "disable", choose(root, "disable", three))

    assert "1 of 3 connections are done." in text_of(step)


def test_reserved_connections_are_the_superusers(
    root: Client, three: list[ProviderConnection], scim_settings: Any
) -> None:
    scim_settings(RESERVED_PROVIDER_IDS=["C1"])
    joe = logged_in(staff("joe", *SEES, ACTIONS["disable"]))
    page = choose(joe, "disable", three)

    assert "1 is the operator's" in text_of(page)
    assert "is the operator's" in text_of(confirm(joe, "disable", page))
    assert states() == {"c0": False, "c1": True, "c2": False}
    go_on(root, "disable", choose(root, "disable", three))
    assert not states()["c1"]


def test_connections_of_others_are_neither_chosen_nor_changed(
    three: list[ProviderConnection],
) -> None:
    ProviderConnection.objects.filter(provider_id="c1").update(owner=staff("boss"))
    joe = logged_in(staff("joe", *SEES, ACTIONS["disable"]))
    page = choose(joe, "disable", three)

    forged = {**fields(page), "chosen": packed([each.pk for each in three])}
    answer = joe.post(address("disable"), forged)

    assert "2 connections are chosen" in text_of(page)
    assert "Corp 1" not in answer.content.decode()
    assert "1: is not there any more" in text_of(answer)
    assert states() == {"c0": False, "c1": True, "c2": False}


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_offered_and_done_by_their_permission(
    three: list[ProviderConnection], action: str
) -> None:
    others = set(ACTIONS.values()) - {ACTIONS[action]}
    without = logged_in(staff("eve", *SEES, *others))
    having = logged_in(staff("joe", *SEES, ACTIONS[action]))

    offered = [
        f'value="bulk_{action}"' in client.get(LIST).content.decode()
        for client in (without, having)
    ]
    forged = without.post(address(action), Progress([three[0].pk]).fields())
    asked = choose(without, action, three)

    assert offered == [False, True]
    assert forged.status_code == 403
    assert asked.status_code in (200, 302)
    assert b"connections are chosen" not in asked.content
    assert choose(having, action, three).status_code == 200
    assert all(states().values())


def test_permission_without_the_view_of_connections_opens_nothing(
    three: list[ProviderConnection],
) -> None:
    eve = logged_in(staff("eve", *ACTIONS.values()))

    for action in ACTIONS:
        sent = eve.post(address(action), Progress([three[0].pk]).fields())
        assert sent.status_code == 403


def test_pages_need_a_form_and_its_csrf_token(root: Client, three: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff("boss", is_superuser=True))

    for action in ACTIONS:
        assert root.get(address(action))["Location"] == LIST
        sent = strict.post(address(action), Progress([each.pk for each in three]).fields())
        assert sent.status_code == 403
    assert all(states().values())


@pytest.mark.parametrize(
    "broken",
    [
        {"chosen": "%%%"},
        {"chosen": "abc"},
        {"refused": "[1]"},
        {"refused": '{"\\ud800": ""}'},
        {"refused": '{"a": 1}'},
        {"refused": "[" * 100_000},
        {"number": "x"},
    ],
)
def test_broken_form_changes_nothing(
    root: Client, three: list[ProviderConnection], broken: dict[str, str]
) -> None:
    sent = {**Progress([each.pk for each in three]).fields(), **broken}

    assert root.post(address("disable"), sent)["Location"] == LIST
    assert all(states().values())


def test_too_many_are_refused(
    root: Client, three: list[ProviderConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.admin.bulk_actions.bulk_page.MOST", 2)
    monkeypatch.setattr(selection, "MOST", 2)

    asked = choose(root, "disable")
    sent = root.post(address("disable"), Progress([each.pk for each in three]).fields())

    assert asked.status_code == 302
    assert "narrow the list" in root.get(LIST).content.decode()
    assert sent.status_code == 302
    assert all(states().values())


def test_names_are_escaped(root: Client) -> None:
    mine = make_connection(provider_id="x", name="<script>alert(1)</script>")

    page = choose(root, "disable", [mine])

    assert b"<script>alert" not in page.content
    assert b"<script>alert" not in confirm(root, "disable", page).content
    reasons = {"chosen": "", "refused": json.dumps({"<b>why</b>": packed([mine.pk])})}
    assert b"<b>why" not in root.post(address("disable"), reasons).content
