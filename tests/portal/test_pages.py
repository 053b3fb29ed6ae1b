"""What the pages of a connection show and do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    SCIMToken,
)
from tests.people import post
from tests.portal.conftest import Directory, address, new_key, text_of, token_on
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def works(scim: SCIMTestClient) -> bool:
    return scim.get("/Users?count=1").status == 200


# Tokens


def test_new_token_leaves_the_old_one_a_day(directory: Directory) -> None:
    form = directory.page("new-token").content.decode()
    new = SCIMTestClient(token_on(directory.post("new-token", key=new_key(), overlap="24")))

    assert 'name="overlap" value="24"' in form
    assert works(new)
    assert works(directory.scim)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert works(new)
        assert not works(directory.scim)


def test_token_that_leaked_stops_at_once(directory: Directory) -> None:
    answers = {"key": new_key(), "overlap": "24", "at_once": "on"}
    new = SCIMTestClient(token_on(directory.post("new-token", **answers)))

    assert (works(new), works(directory.scim)) == (True, False)


def test_new_token_is_not_shown_again(directory: Directory) -> None:
    key = new_key()
    wire = token_on(directory.post("new-token", key=key, overlap="24"))

    again = directory.post("new-token", key=key, overlap="24")

    assert again.status_code == 302
    assert wire not in directory.client.get(again["Location"]).content.decode()
    assert SCIMToken.objects.count() == 2


def test_too_many_tokens_are_told(directory: Directory, scim_settings: Any) -> None:
    scim_settings(MAX_LIVE_TOKENS=1)

    refused = directory.post("new-token", key=new_key(), overlap="24")

    assert refused.status_code == 400
    assert "Too many tokens are live" in text_of(refused)


def test_token_is_revoked_after_saying_what_that_does(directory: Directory) -> None:
    token = SCIMToken.objects.get()
    asked = text_of(directory.page("revoke-token", token.pk))

    done = directory.post("revoke-token", token.pk)

    assert "It is the only one" in asked
    assert "The token was revoked." in text_of(directory.client.get(done["Location"]))
    assert not works(directory.scim)
    assert directory.page("revoke-token", token.pk).status_code == 404


# Settings


def test_connection_is_renamed(directory: Directory) -> None:
    done = directory.post("settings", action="rename", name="Workforce")

    assert "Workforce" in text_of(directory.client.get(done["Location"]))
    event = ProvisioningEvent.objects.get(action="update_connection")
    assert (event.changed, event.actor) == ("name", directory.owner)


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_bad_name_is_told(directory: Directory, name: str) -> None:
    refused = directory.post("settings", action="rename", name=name)

    assert refused.status_code == 400
    assert ProviderConnection.objects.get().name == "Okta of Corp"


def test_connection_is_disabled_and_enabled(directory: Directory) -> None:
    directory.post("settings", action="disable")
    disabled = works(directory.scim)
    page = text_of(directory.page("settings"))
    directory.post("settings", action="enable")

    assert (disabled, works(directory.scim)) == (False, True)
    assert "Enable the connection" in page
    actions = set(ProvisioningEvent.objects.filter(actor=directory.owner).values_list("action"))
    assert {("disable_connection",), ("enable_connection",)} <= actions


# Closing


def test_closing_says_whom_it_touches_first(directory: Directory) -> None:
    for number in range(12):
        post(directory.scim, f"user{number:02}@corp.example")

    page = text_of(directory.page("close"))

    assert "Who is released: 12 people" in page
    assert "user09@corp.example" in page
    assert "user10@corp.example" not in page
    assert "and 2 more" in page
    assert "You are among them" not in page


def test_closing_warns_whom_it_would_lock_out(directory: Directory) -> None:
    post(directory.scim, "ann@corp.example")
    LinkedAccount.objects.update(user=directory.owner)

    assert "You are among them" in text_of(directory.page("close"))


def test_closing_needs_the_id_typed(directory: Directory) -> None:
    refused = directory.post("close", provider_id="okta")

    assert refused.status_code == 400
    assert works(directory.scim)


def test_closed_connection_releases_its_people_and_can_be_opened_again(
    directory: Directory,
) -> None:
    ann = post(directory.scim, "ann@corp.example").json
    user = LinkedAccount.objects.get(scim_id=ann["id"]).user

    done = directory.post("close", provider_id="okta-corp")
    told = text_of(directory.client.get(done["Location"]))
    user.refresh_from_db()

    assert "The connection is closed" in told
    assert not user.is_active
    assert not works(directory.scim)
    assert "Closed connections" in text_of(directory.client.get(address("connections")))
    assert directory.page("people").status_code == 200
    gone = ("set-up", "failures", "requests", "tokens")
    assert {directory.page(name).status_code for name in gone} == {404}
    new = SCIMTestClient(token_on(directory.post("new-token", key=new_key())))
    assert works(new)


def test_closing_goes_on_until_everybody_is_released(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.portal.settings_pages.LIMIT", 2)
    for number in range(3):
        post(directory.scim, f"user{number}@corp.example")

    first = directory.post("close", provider_id="okta-corp")
    halfway = text_of(directory.page("settings"))
    second = directory.post("close", provider_id="okta-corp")

    assert (first.status_code, second.status_code) == (200, 302)
    assert "1 person is still to be released" in halfway
    assert not LinkedAccount.objects.filter(released_at=None).exists()


def test_people_keep_their_access_if_asked(directory: Directory) -> None:
    ann = post(directory.scim, "ann@corp.example").json

    directory.post("close", provider_id="okta-corp", keep_access="on")

    assert LinkedAccount.objects.get(scim_id=ann["id"]).user.is_active
