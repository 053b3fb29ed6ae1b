"""The command that compares and repairs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from django_scim_provider.management.json_values import plain
from django_scim_provider.models import AccountEmail, ProviderConnection
from tests.factories import make_connection
from tests.people import connect, host_user, make_user, post, set_active
from tests.test_life_cycle_commands import run

pytestmark = pytest.mark.django_db


def changed(provider_id: str = "acme", name: str = "ann") -> dict[str, Any]:
    """Return somebody of a new connection whose first name the project changed."""
    client = connect(provider_id)
    person: dict[str, Any] = post(client, f"{name}@x.example", name={"givenName": "Given"}).json
    users = get_user_model()._default_manager
    users.filter(pk=host_user(person).pk).update(first_name="Changed")
    return person


def test_differences_are_told_by_ids_and_names_of_attributes(capsys: Any) -> None:
    person = changed()
    user = host_user(person)

    told = run("scim_drift", capsys=capsys)

    assert told.splitlines() == [
        f"acme User {person['id']} (user {user.pk}): user first_name",
        "acme: 1 compared, 1 differ.",
    ]


def test_values_are_told_where_that_is_asked_for(capsys: Any) -> None:
    changed()

    told = run("scim_drift", "--values", capsys=capsys)

    assert "user first_name 'Changed' -> 'Given'" in told


def test_repair_says_what_it_did_and_a_second_run_finds_nothing(capsys: Any) -> None:
    person = changed()

    first = run("scim_drift", "--repair", capsys=capsys)
    second = run("scim_drift", "--repair", capsys=capsys)

    assert "user first_name; repaired\n" in first
    assert "acme: 1 compared, 0 differ, 1 repaired, 0 refused." in first
    assert second.splitlines() == ["acme: 1 compared, 0 differ."]
    assert host_user(person).first_name == "Given"


def test_refusals_and_what_is_kept_are_told_with_reasons(capsys: Any) -> None:
    person = changed()
    bob = post(connect("acme"), "bob@x.example").json
    users = get_user_model()._default_manager
    users.filter(pk=host_user(bob).pk).update(is_active=False)
    users.filter(pk=host_user(person).pk).update(username="moved", email="moved@x.example")
    make_user("ann@x.example")

    told = run("scim_drift", "--repair", capsys=capsys)

    assert "; refused: userName is already in use." in told
    assert "user is_active [closed]\n" in told
    assert "acme: 2 compared, 1 differ, 0 repaired, 1 refused, 1 closed." in told


def test_reopening_is_asked_for(capsys: Any) -> None:
    person = changed()
    get_user_model()._default_manager.update(is_active=False)

    run("scim_drift", "--repair", capsys=capsys)
    before = host_user(person).is_active
    run("scim_drift", "--repair", "--reopen", capsys=capsys)

    assert (before, host_user(person).is_active) == (False, True)


@pytest.mark.parametrize("values", [False, True])
def test_json_is_an_object_on_each_line(capsys: Any, values: bool) -> None:
    person = changed()

    lines = run("scim_drift", "--json", *["--values"] * values, capsys=capsys).splitlines()
    finding, summary = map(json.loads, lines)

    difference = {"part": "user", "name": "first_name", "kept": None}
    assert finding == {
        "provider": "acme",
        "resourceType": "User",
        "id": person["id"],
        "user": plain(host_user(person).pk),
        "differences": [difference | ({"now": "Changed", "due": "Given"} if values else {})],
        "repaired": False,
        "refused": None,
    }
    assert summary == {
        "provider": "acme",
        "compared": 1,
        "differing": 1,
        "repaired": 0,
        "refused": 0,
        "kept": {},
    }


def test_values_of_any_kind_are_json(capsys: Any) -> None:
    client = connect()
    ann = post(client, "ann@x.example", emails=[{"value": "ann@x.example"}]).json
    set_active(client, ann, False)
    get_user_model()._default_manager.update(is_active=True)
    AccountEmail.objects.all().delete()

    lines = run("scim_drift", "--json", "--values", capsys=capsys).splitlines()

    shown = [(each["now"], each["due"]) for each in json.loads(lines[0])["differences"]]
    assert shown == [([], ["ann@x.example"]), (True, False)]


def test_open_connections_are_compared_or_the_one_that_is_named(capsys: Any) -> None:
    changed("one")
    changed("two", "bob")
    make_connection(provider_id="closed", enabled=False)

    every = run("scim_drift", capsys=capsys)
    one = run("scim_drift", "--provider", "two", capsys=capsys)
    closed = run("scim_drift", "--provider", "closed", capsys=capsys)

    assert [line.partition(":")[0] for line in every.splitlines()[1::2]] == ["one", "two"]
    assert one.splitlines()[-1] == "two: 1 compared, 1 differ."
    assert closed == "closed: 0 compared, 0 differ.\n"
    assert ProviderConnection.objects.get(provider_id="closed").drift_count == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--provider", "nowhere"], "no connection"),
        (["--provider", "closed", "--repair"], "nothing is repaired"),
        (["--batch-size", "0"], "--batch-size"),
        (["--batch-size", "5001"], "--batch-size"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(arguments: list[str], reason: str) -> None:
    person = changed()
    make_connection(provider_id="closed", enabled=False)

    with pytest.raises(CommandError, match=reason):
        call_command("scim_drift", *arguments)

    assert host_user(person).first_name == "Changed"


def test_progress_goes_to_standard_error_unless_it_is_quiet(capsys: Any) -> None:
    changed()

    call_command("scim_drift")
    loud = capsys.readouterr().err
    call_command("scim_drift", verbosity=0)
    call_command("scim_drift", "--json")

    assert "1 of 1 rows" in loud
    assert capsys.readouterr().err == ""


def test_connection_that_cannot_be_compared_keeps_no_other_from_it(
    scim_settings: Any, capsys: Any
) -> None:
    connect("corp", organization_id="corp")
    changed("one")
    scim_settings(ORGANIZATION_BACKEND=None)

    with pytest.raises(CommandError, match="corp: Organizations are not enabled"):
        call_command("scim_drift")

    assert "one: 1 compared, 1 differ." in capsys.readouterr().out
