"""Profiles and switches in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_scim_provider.admin.switches import TEXTS
from django_scim_provider.core.profiles import SWITCHES
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from tests.administration import logged_in, staff, url
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


def change(client: Client, connection: ProviderConnection, **answers: Any) -> Any:
    sent = {"profile": connection.profile, "name": connection.name, **answers}
    return client.post(url(ProviderConnection, "change", connection.pk), sent)


def shown(client: Client, connection: ProviderConnection) -> str:
    return str(client.get(url(ProviderConnection, "change", connection.pk)).content.decode())


def test_every_switch_has_a_label_and_a_help_text() -> None:
    assert tuple(TEXTS) == SWITCHES
    assert all(str(label) and str(help) for label, help in TEXTS.values())


def test_switches_are_turned_and_taken_back(root: Client) -> None:
    connection = make_connection(profile="okta")

    change(root, connection, switch_unique_group_names="on", switch_dotted_keys="off")
    connection.refresh_from_db()
    turned = connection.profile_switches
    change(root, connection, switch_unique_group_names="", switch_dotted_keys="off")
    connection.refresh_from_db()

    assert turned == {"unique_group_names": True, "dotted_keys": False}
    assert connection.profile_switches == {"dotted_keys": False}


def test_page_shows_labels_help_what_is_chosen_and_what_is_on(root: Client) -> None:
    connection = make_connection(profile="strict", profile_switches={"dotted_keys": True})

    content = shown(root, connection)

    assert "As the profile says" in content
    assert '<option value="on" selected>On</option>' in content
    for label, help_text in TEXTS.values():
        assert str(label) in content
        assert str(help_text) in content
    assert '<div class="readonly">Dotted keys</div>' in content


def test_vendors_are_offered_by_their_proper_names(root: Client) -> None:
    content = root.get(url(ProviderConnection, "add")).content.decode()

    for label in (
        "Generic, for every identity provider",
        "Google Workspace (uses the generic profile)",
        "JumpCloud (uses the generic profile)",
        "Microsoft Entra ID",
        "authentik",
        "Strict, the RFCs to the letter",
    ):
        assert f">{label}</option>" in content


def test_declared_profile_is_offered_and_stored(root: Client, scim_settings: Any) -> None:
    scim_settings(PROFILES={"acme": {"title": "Acme Directory", "base": "okta"}})
    connection = make_connection()

    change(root, connection, profile="acme")
    connection.refresh_from_db()

    assert connection.profile == "acme"
    assert '<option value="acme" selected>Acme Directory</option>' in shown(root, connection)
    assert "Acme Directory" in root.get(url(ProviderConnection, "changelist")).content.decode()


def test_new_connection_may_have_switches(root: Client) -> None:
    sent = {"provider_id": "acme", "profile": "okta", "switch_empty_operations": "off"}

    root.post(url(ProviderConnection, "add"), sent)

    assert ProviderConnection.objects.get().profile_switches == {"empty_operations": False}


def test_unknown_profile_is_refused(root: Client) -> None:
    connection = make_connection(profile="okta")

    answer = change(root, connection, profile="gone")
    connection.refresh_from_db()

    assert answer.status_code == 200
    assert connection.profile == "okta"


def test_profile_that_is_gone_stays_chosen_and_is_not_saved_again(root: Client) -> None:
    connection = make_connection(profile="gone")

    content = shown(root, connection)
    answer = change(root, connection, name="New name")
    connection.refresh_from_db()

    assert '<option value="gone" selected>gone (does not exist)</option>' in content
    assert "Every request fails" in content
    assert "is neither shipped nor declared" in content
    assert answer.status_code == 200
    assert (connection.profile, connection.name) == ("gone", "")


def test_who_may_only_look_sees_what_is_on_and_turns_nothing() -> None:
    connection = make_connection(profile="strict", profile_switches={"dotted_keys": True})
    client = logged_in(staff("me", "view_providerconnection"))

    content = shown(client, connection)
    answer = change(client, connection, switch_empty_operations="on")
    connection.refresh_from_db()

    assert '<div class="readonly">Dotted keys</div>' in content
    assert "switch_dotted_keys" not in content
    assert answer.status_code == 403
    assert connection.profile_switches == {"dotted_keys": True}


def test_connection_of_the_settings_is_shown_as_they_have_it(
    root: Client, scim_settings: Any
) -> None:
    entry = {"provider_id": "acme", "scim_token": "s" * 24, "profile": "strict"}
    scim_settings(DEFAULT_SCIM=[{**entry, "profile_switches": {"dotted_keys": True}}])
    connection = make_connection(profile="okta")

    content = shown(root, connection)
    change(root, connection, name="Acme", switch_empty_operations="on")
    connection.refresh_from_db()

    assert '<div class="readonly">Dotted keys</div>' in content
    assert 'name="profile"' not in content
    assert "switch_" not in content
    assert (connection.name, connection.profile, connection.profile_switches) == (
        "Acme",
        "okta",
        {},
    )


def test_event_of_a_change_names_the_switches_once(root: Client) -> None:
    change(root, make_connection(), switch_dotted_keys="on", switch_empty_operations="on")

    assert ProvisioningEvent.objects.get(action="update_connection").changed == "profile_switches"
