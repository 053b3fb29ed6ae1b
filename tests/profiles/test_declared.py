"""Profiles that a project declares, and single switches of connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from django_scim_provider.checks import check_settings
from django_scim_provider.core.profiles import GENERIC, STRICT
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.connection_profiles import (
    known_profiles,
    profile_choices,
    profile_in_force,
    shipped_name_of,
)
from django_scim_provider.tokens.wire import WireToken
from tests.factories import make_token
from tests.people import connect, post
from tests.scim_client import PATCH, SCIMTestClient

ACME = {"base": "okta", "title": "Acme Directory", "several_primaries": True}
TWO = [{"value": "a@x.example", "primary": True}, {"value": "b@x.example", "primary": True}]


@pytest.fixture
def acme(scim_settings: Callable[..., None]) -> None:
    scim_settings(PROFILES={"acme": ACME})


def found(**keys: Any) -> list[tuple[str, str, str | None]]:
    return [
        (str(message.id).removeprefix("scim_provider."), str(message.msg), message.hint)
        for message in check_settings()
    ]


def set_switches(**switches: bool) -> None:
    ProviderConnection.objects.update(profile_switches=switches)


@pytest.mark.usefixtures("acme")
def test_declared_profile_is_its_base_with_switches() -> None:
    profile = known_profiles()["acme"]

    assert (profile.name, profile.title) == ("acme", "Acme Directory")
    assert (profile.several_primaries, profile.reprovision_inactive) == (True, True)
    assert profile.dotted_keys
    assert ("acme", "Acme Directory") in profile_choices()
    assert shipped_name_of("acme") == "okta"
    assert shipped_name_of("entra") == "entra"


def test_profile_without_base_is_over_generic(scim_settings: Callable[..., None]) -> None:
    scim_settings(PROFILES={"plain": {"empty_operations": False}})
    changed = GENERIC.with_switches({"empty_operations": False})

    assert known_profiles()["plain"].switches() == changed.switches()
    assert known_profiles()["plain"].title == "plain"


@pytest.mark.django_db
@pytest.mark.usefixtures("acme")
def test_connection_is_served_by_a_declared_profile() -> None:
    ours, others = connect(profile="acme"), connect("other", profile="okta")

    assert post(ours, "ann", emails=TWO).status == 201
    assert post(others, "ann", emails=TWO).status == 400


@pytest.mark.parametrize("name", ["google", "jumpcloud", "onelogin", "rippling"])
def test_vendors_without_switches_of_their_own_are_served_by_generic(name: str) -> None:
    label = str(dict(profile_choices())[name])

    assert profile_in_force(name, {}) is GENERIC
    assert "generic" in label
    assert label.split(" (")[0] in {"Google Workspace", "JumpCloud", "OneLogin", "Rippling"}


@pytest.mark.parametrize(
    ("profiles", "text", "hint"),
    [
        ({"x": {"base": "octa"}}, "no shipped profile 'octa'", "Did you mean 'okta'?"),
        ({"x": {"base": 5}}, "no shipped profile 5", None),
        ({"x": {"bse": "okta"}}, "no switch 'bse'", "Did you mean 'base'?"),
        ({"x": {"dotted_key": True}}, "no switch 'dotted_key'", "Did you mean 'dotted_keys'?"),
        ({"x": {"dotted_keys": "yes"}}, "['dotted_keys'] must be True or False", None),
        ({"x": {"dotted_keys": 1}}, "['dotted_keys'] must be True or False", None),
        ({"x": {"title": ""}}, "['title'] must be a text", None),
        ({"x": {"name": "y"}}, "no switch 'name'", None),
        ({"okta": {}}, "there is a shipped profile of that name", None),
        ({"google": {}}, "there is a shipped profile of that name", None),
        ({"Acme": {}}, "lower-case letters", None),
        ({"a" * 33: {}}, "at most 32", None),
        ({"": {}}, "lower-case letters", None),
    ],
)
def test_faulty_declaration_is_an_error_and_declares_nothing(
    scim_settings: Callable[..., None], profiles: Any, text: str, hint: str | None
) -> None:
    before = dict(known_profiles())
    scim_settings(PROFILES=profiles)

    ((number, message, found_hint),) = found()

    assert number == "E009"
    assert "SCIM_PROVIDER['PROFILES']" in message
    assert text in message
    assert found_hint == hint
    assert dict(known_profiles()) == before


def test_what_is_no_dict_of_dicts_is_an_error(scim_settings: Callable[..., None]) -> None:
    scim_settings(PROFILES={"x": True})

    assert [number for number, _, _ in found()] == ["E002"]


@pytest.mark.usefixtures("acme")
def test_sound_declaration_is_no_error() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("entry", "text", "hint"),
    [
        ({"profile": "octa"}, "no profile 'octa'", "Did you mean 'okta'?"),
        ({"profile": ["okta"]}, "no profile ['okta']", None),
        ({"profile_switches": {"dotted": True}}, "no switch 'dotted'", "Did you mean"),
        ({"profile_switches": {"dotted_keys": None}}, "must be True or False", None),
        ({"profile_switches": ["dotted_keys"]}, "must be a dict", None),
    ],
)
def test_connection_of_the_settings_names_what_exists(
    scim_settings: Callable[..., None], entry: dict[str, Any], text: str, hint: str | None
) -> None:
    scim_settings(DEFAULT_SCIM=[{"provider_id": "acme", "scim_token": "s" * 24, **entry}])

    ((number, message, found_hint),) = found()

    assert (number, text in message) == ("E005", True)
    assert (found_hint or "").startswith(hint or "")


@pytest.mark.django_db
@pytest.mark.usefixtures("acme")
def test_connection_of_the_settings_has_its_profile_and_switches(
    scim_settings: Callable[..., None],
) -> None:
    entry: dict[str, Any] = {"provider_id": "acme", "scim_token": "s" * 24, "profile": "acme"}
    scim_settings(DEFAULT_SCIM=[entry])
    client = SCIMTestClient(WireToken("s" * 24, "acme", None).encode())

    taken = post(client, "ann", emails=TWO).status
    scim_settings(DEFAULT_SCIM=[{**entry, "profile_switches": {"several_primaries": False}}])
    refused = post(client, "bob", emails=TWO).status

    assert (taken, refused) == (201, 400)


@pytest.mark.django_db
def test_switches_count_from_the_next_request_on() -> None:
    client = connect(profile="strict")

    def empty_patch() -> int:
        body = {"schemas": [PATCH], "Operations": []}
        return client.request("PATCH", f"/Users/{ann['id']}", body).status

    ann = post(client, "ann").json
    before = empty_patch()
    set_switches(empty_operations=True)
    during = empty_patch()
    set_switches(empty_operations=False)

    assert (before, during, empty_patch()) == (400, 200, 400)


@pytest.mark.django_db
def test_switch_takes_away_what_the_profile_has() -> None:
    client = connect(profile="okta")
    body = {"userName": "ann"}

    taken = client.request("POST", "/Users", body).status
    set_switches(missing_message_schemas=False)

    assert (taken, client.request("POST", "/Users", {"userName": "bob"}).status) == (201, 400)


def test_connections_with_the_same_switches_share_what_is_compiled() -> None:
    first = profile_in_force("strict", {"dotted_keys": True, "empty_operations": True})
    second = profile_in_force("strict", {"empty_operations": True, "dotted_keys": True})

    assert first is second
    assert first is not STRICT


@pytest.mark.django_db
def test_token_of_a_new_connection_names_its_profile() -> None:
    token = make_token(profile="strict", profile_switches={"several_primaries": True})

    connection = ProviderConnection.objects.get()
    assert (connection.profile, connection.profile_switches) == (
        "strict",
        {"several_primaries": True},
    )
    assert post(SCIMTestClient(token), "ann", emails=TWO).status == 201
    make_token(profile="strict")
    with pytest.raises(ValidationError, match="another profile"):
        make_token(profile="okta")
    with pytest.raises(ValidationError, match="no profile gone"):
        make_token(provider_id="other", profile="gone")
    with pytest.raises(ValidationError, match="no switch gone"):
        make_token(provider_id="other", profile_switches={"gone": True})
    assert ProviderConnection.objects.count() == 1
