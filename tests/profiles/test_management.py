"""Profiles and switches in the management API and in commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.connection_profiles import known_profiles
from tests.factories import make_connection
from tests.management.conftest import Person
from tests.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Person:
    return Person(make_user("ann@x.example"))


@pytest.fixture
def acme(scim_settings: Callable[..., None]) -> None:
    scim_settings(PROFILES={"acme": {"title": "Acme Directory", "unique_group_names": True}})


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.usefixtures("acme")
def test_profiles_are_listed_with_their_switches(ann: Person) -> None:
    reply = ann.get("list-profiles")

    listed = {found["name"]: found for found in reply.json}
    assert reply.status == 200
    assert listed.keys() == known_profiles().keys()
    assert listed["google"]["title"] == "Google Workspace (uses the generic profile)"
    assert listed["google"]["switches"] == listed["generic"]["switches"]
    assert listed["acme"]["title"] == "Acme Directory"
    assert listed["acme"]["switches"]["unique_group_names"] is True
    assert not any(listed["strict"]["switches"].values())


def test_strangers_are_told_no_profiles() -> None:
    assert Person(None).get("list-profiles").status in (401, 403)


@pytest.mark.usefixtures("acme")
def test_new_connection_has_the_profile_that_was_asked_for(ann: Person) -> None:
    made = ann.generate(profile="acme", profileSwitches={"dotted_keys": False})

    shown = ann.get("get-provider-connection", providerId="acme").json
    assert made.status == 201
    assert (shown["profile"], shown["profileSwitches"]) == ("acme", {"dotted_keys": False})
    assert ann.generate(profile="acme").status == 201
    assert ann.generate(profile="okta").status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"profile": "gone"},
        {"profile": 5},
        {"profileSwitches": {"gone": True}},
        {"profileSwitches": {"dotted_keys": "perhaps"}},
        {"profileSwitches": ["dotted_keys"]},
    ],
)
def test_what_does_not_exist_is_refused(ann: Person, body: dict[str, Any]) -> None:
    assert ann.generate(**body).status == 400
    assert not ProviderConnection.objects.exists()


def test_list_is_filtered_by_profiles_that_exist(ann: Person) -> None:
    ann.generate("first", profile="google")
    ann.generate("second")

    found = ann.get("list-provider-connections", profile="google")
    unknown = ann.get("list-provider-connections", profile="gone")

    assert [each["providerId"] for each in found.json["providers"]] == ["first"]
    assert unknown.status == 400


def test_command_makes_a_connection_with_profile_and_switches() -> None:
    run(
        "scim_generate_token",
        "acme",
        "--profile=okta",
        "--switch=unique_group_names=on",
        "--switch=dotted_keys=off",
    )

    connection = ProviderConnection.objects.get()
    assert connection.profile == "okta"
    assert connection.profile_switches == {"unique_group_names": True, "dotted_keys": False}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--profile=gone"], "gone"),
        (["--switch=gone=on"], "no switch 'gone'"),
        (["--switch=dotted_keys=yes"], "dotted_keys=on"),
        (["--switch=dotted_keys"], "dotted_keys=on"),
    ],
)
def test_command_refuses_what_does_not_exist(arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError, match=text):
        run("scim_generate_token", "acme", *arguments)

    assert not ProviderConnection.objects.exists()


def test_status_shows_the_profile_that_counts_and_what_is_wrong_with_it() -> None:
    make_connection(provider_id="a", profile="gone")
    make_connection(provider_id="b", profile="okta", profile_switches={"dotted_keys": False})

    lost, sound = json.loads(run("scim_status", "--json"))
    text = run("scim_status")

    assert "'gone' is neither shipped nor declared" in lost["profile_problem"]
    assert (sound["profile_problem"], sound["switches"]) == (None, ["dotted_keys off"])
    assert "profile problem: The profile 'gone' is neither" in text
    assert "switches: dotted_keys off" in text
    assert "switches: -" in text


def test_status_goes_by_the_settings_for_a_connection_of_theirs(scim_settings: Any) -> None:
    entry = {"provider_id": "acme", "scim_token": "s" * 24, "profile": "strict"}
    scim_settings(DEFAULT_SCIM=[{**entry, "profile_switches": {"dotted_keys": True}}])
    make_connection(profile="okta")

    (found,) = json.loads(run("scim_status", "--json"))

    assert (found["profile"], found["switches"]) == ("strict", ["dotted_keys on"])


def test_connection_whose_profile_is_gone_can_still_be_decommissioned() -> None:
    make_connection(profile="gone")

    run("scim_decommission", "acme")

    assert ProviderConnection.objects.get().decommissioned_at is not None
