"""Exporting the people and groups of many connections, and repairing what drifted from them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.admin.bulk_actions import repairing, stepwise
from django_scim_provider.insight.exports import directory_export
from django_scim_provider.insight.exports.directory_export import group_rows, people_rows
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from tests.administration import logged_in, staff
from tests.console.choosing import choose, confirm, go_on, text_of
from tests.factories import make_account, make_connection
from tests.people import connect, post
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db
MAY = ("view_providerconnection", "export_providerconnection")


def rows(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def provisioned() -> dict[str, SCIMTestClient]:
    """Return two connections with one person and one group each."""
    clients = {id: connect(id) for id in ("acme", "corp")}
    for id, client in clients.items():
        ann = client.create_user(f"ann@{id}.example", externalId=f"=ext-{id}")
        group = {
            "schemas": [GROUP],
            "displayName": f"+Staff {id}",
            "members": [{"value": ann["id"]}],
        }
        client.request("POST", "/Groups", group)
    return clients


def test_people_of_the_chosen_are_exported(root: Client, provisioned: Any) -> None:
    acme = ProviderConnection.objects.get(provider_id="acme")

    answer = confirm(root, "export", choose(root, "export", [acme]), kind="people")

    (row,) = rows(answer)
    assert row["user_name"] == "ann@acme.example"
    assert row["external_id"] == "'=ext-acme"
    assert row["active"] == "True"
    assert "no-store" in answer["Cache-Control"]
    events = ProvisioningEvent.objects.filter(action="export_people")
    assert list(events.values_list("provider", "actor__username")) == [("acme", "root")]


def test_groups_are_exported_with_their_sizes(root: Client, provisioned: Any) -> None:
    found = rows(confirm(root, "export", choose(root, "export"), kind="groups"))

    told = [(row["provider_id"], row["display_name"], row["members"]) for row in found]
    assert told == [("acme", "'+Staff acme", "1"), ("corp", "'+Staff corp", "1")]
    assert ProvisioningEvent.objects.filter(action="export_groups").count() == 2


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [("view_linkedaccount", {"people"}), ("view_provisionedgroup", {"groups"})],
)
def test_each_kind_is_for_those_who_may_see_it(
    provisioned: Any, seen: str, kinds: set[str]
) -> None:
    joe = logged_in(staff("joe", *MAY, seen))
    page = choose(joe, "export")

    statuses = {
        kind: confirm(joe, "export", page, kind=kind).status_code for kind in ("people", "groups")
    }

    assert {kind for kind, status in statuses.items() if status == 200} == kinds
    assert {status for status in statuses.values() if status != 200} == {403}
    for kind in ("people", "groups"):
        assert (f'value="{kind}"' in page.content.decode()) == (kind in kinds)


def test_those_who_see_neither_export_nothing(provisioned: Any) -> None:
    joe = logged_in(staff("joe", *MAY))

    assert b"Download" not in choose(joe, "export").content


def test_people_of_connections_of_others_are_left_out(provisioned: Any) -> None:
    joe = logged_in(staff("joe", *MAY, "view_linkedaccount"))
    page = choose(joe, "export")
    ProviderConnection.objects.filter(provider_id="corp").update(owner=staff("boss"))

    found = rows(confirm(joe, "export", page, kind="people"))

    assert [row["provider_id"] for row in found] == ["acme"]


def test_unknown_kind_is_refused(root: Client, provisioned: Any) -> None:
    assert confirm(root, "export", choose(root, "export"), kind="x").status_code == 302


def test_large_and_small_connections_are_whole_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(directory_export, "CHUNK", 3)
    monkeypatch.setattr(directory_export, "COUNTED", 4)
    sizes = {"a": 1, "b": 7, "c": 0, "d": 2, "e": 2, "f": 3, "g": 1}
    number = 0
    for id, size in sizes.items():
        make_connection(provider_id=id)
        for _ in range(size):
            number += 1
            make_account(id, {"schemas": [CORE], "userName": f"u{number:02d}"}, number)

    found = list(people_rows(list(sizes)))

    assert [row[3] for row in found] == [f"u{n + 1:02d}" for n in range(number)]


def test_export_takes_few_statements_for_many_small_connections() -> None:
    ids = [make_connection(provider_id=f"c{number}").provider_id for number in range(30)]
    for number, id in enumerate(ids):
        make_account(id, {"schemas": [CORE], "userName": "ann"}, number)

    with CaptureQueriesContext(database) as people:
        assert len(list(people_rows(ids))) == 30
    with CaptureQueriesContext(database) as groups:
        assert not list(group_rows(ids))

    assert (len(people), len(groups)) == (2, 1)


def drift(name: str) -> None:
    get_user_model()._default_manager.filter(username=name).update(first_name="Changed")


def test_repair_goes_through_the_chosen_and_tells_how_many(
    root: Client, provisioned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for id in ("acme", "corp"):
        drift(f"ann@{id}.example")
    off = make_connection(provider_id="off", enabled=False)

    page = choose(root, "repair")
    answer = go_on(root, "repair", page)

    assert "1: is disabled" in text_of(page) or "1 is disabled" in text_of(page)
    assert "2 connections were compared." in text_of(answer)
    assert "2 were repaired." in text_of(answer)
    assert str(off) in text_of(answer)
    names = get_user_model()._default_manager.values_list("first_name", flat=True)
    assert "Changed" not in names


def test_repair_of_a_large_connection_goes_on_where_it_was(
    root: Client, provisioned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepwise, "ROWS", 1)
    monkeypatch.setattr(repairing, "ROWS", 1)
    monkeypatch.setattr("django_scim_provider.admin.connection_pages.drift.BATCH_SIZE", 1)
    post(provisioned["acme"], "bob@acme.example")
    for name in ("ann@acme.example", "bob@acme.example", "ann@corp.example"):
        drift(name)

    step = confirm(root, "repair", choose(root, "repair"))
    answer = go_on(root, "repair", step)

    assert "0 of 2 connections are done." in text_of(step)
    assert "2 connections were compared." in text_of(answer)
    assert "3 were repaired." in text_of(answer)


def test_connection_that_is_closed_meanwhile_is_refused_and_the_next_one_repaired(
    root: Client, provisioned: Any
) -> None:
    drift("ann@corp.example")
    page = choose(root, "repair")
    ProviderConnection.objects.filter(provider_id="acme").update(enabled=False)

    answer = go_on(root, "repair", page)

    assert "1: is disabled" in text_of(answer)
    assert "1 was repaired." in text_of(answer)


def test_connection_that_is_closed_when_half_of_it_is_done_ends(
    root: Client, provisioned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepwise, "ROWS", 1)
    monkeypatch.setattr(repairing, "ROWS", 1)
    monkeypatch.setattr("django_scim_provider.admin.connection_pages.drift.BATCH_SIZE", 1)
    acme = ProviderConnection.objects.get(provider_id="acme")
    step = confirm(root, "repair", choose(root, "repair", [acme]))
    ProviderConnection.objects.filter(pk=acme.pk).update(enabled=False)

    answer = confirm(root, "repair", step)

    assert "0 of 1 connections are done." in text_of(step)
    assert "1: is disabled" in text_of(answer)


def test_refusal_in_the_middle_is_told(root: Client, provisioned: Any, scim_settings: Any) -> None:
    ProviderConnection.objects.filter(provider_id="acme").update(organization_id="gone")
    scim_settings(ORGANIZATION_BACKEND=None)

    answer = go_on(root, "repair", choose(root, "repair"))

    assert "1 connection was compared." in text_of(answer)
    assert "Nothing was done to these" in text_of(answer)
