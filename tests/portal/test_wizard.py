"""Connecting a directory, from nothing to green."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from tests.people import make_organization
from tests.portal.conftest import address, new_key, text_of, token_on
from tests.scim_client import GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def test_directory_is_connected_from_nothing_to_green(browser: Browser) -> None:
    olga = browser("olga", roles={"corp": "owner"})

    assert "No directory is connected yet." in text_of(olga.get(address("connections")))
    assert address("connect", "okta") in olga.get(address("choose")).content.decode()
    assert 'value="Okta"' in olga.get(address("connect", "okta")).content.decode()
    made = olga.post(address("connect", "okta"), {"key": new_key(), "name": "Our Okta"})
    scim = SCIMTestClient(token_on(made))
    connection = ProviderConnection.objects.get()
    set_up = address("set-up", connection.pk)
    assert "http://testserver/scim/v2" in made.content.decode()
    assert "SCIM connector base URL" in text_of(made)
    waiting = olga.get(set_up)
    assert "Waiting for your identity provider" in text_of(waiting)
    assert "The first request arrived : not yet" in text_of(waiting)

    assert scim.get("/Users?filter=userName+eq+%22x%22").status == 200
    assert "The first request arrived : seen" in text_of(olga.get(set_up))
    scim.create_user("ann@corp.example", displayName="Ann")
    scim.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Staff"})

    green = text_of(olga.get(set_up))
    assert "Your directory is connected" in green
    assert "The first group arrived : seen" in green
    listed = text_of(olga.get(address("connections")))
    assert "Our Okta" in listed
    assert "healthy" in listed
    assert (connection.name, connection.profile) == ("Our Okta", "okta")
    assert (connection.organization_id, connection.owner_id) == ("corp", None)


def test_token_is_shown_once(browser: Browser) -> None:
    olga = browser("olga", roles={"corp": "admin"})
    answers = {"key": new_key(), "name": "Okta"}

    first = olga.post(address("connect", "okta"), answers)
    again = olga.post(address("connect", "okta"), answers, follow=True)

    wire = token_on(first)
    assert first["Cache-Control"] == "no-store, private"
    assert wire not in again.content.decode()
    assert "is not shown again" in text_of(again)
    assert (ProviderConnection.objects.count(), SCIMToken.objects.count()) == (1, 1)
    for name in ("set-up", "tokens", "requests", "settings"):
        page = olga.get(address(name, ProviderConnection.objects.get().pk)).content.decode()
        assert wire[:16] not in page


def test_organization_is_asked_for_where_there_are_several(browser: Browser) -> None:
    olga = browser("olga", roles={"corp": "owner", "other": "admin", "third": "member"})
    form = olga.get(address("connect", "entra")).content.decode()

    refused = olga.post(
        address("connect", "entra"), {"key": new_key(), "name": "E", "organization": "third"}
    )
    made = olga.post(
        address("connect", "entra"), {"key": new_key(), "name": "E", "organization": "other"}
    )

    assert all(f'<option value="{id}">' in form for id in ("corp", "other"))
    assert '<option value="third">' not in form
    assert (refused.status_code, made.status_code) == (400, 200)
    assert ProviderConnection.objects.get().organization_id == "other"


def test_organization_in_the_form_of_somebody_with_one_counts_for_nothing(
    browser: Browser,
) -> None:
    make_organization("other")
    olga = browser("olga", roles={"corp": "owner"})

    olga.post(address("connect", "okta"), {"key": new_key(), "name": "E", "organization": "other"})

    assert ProviderConnection.objects.get().organization_id == "corp"


def test_who_manages_no_organization_cannot_connect(browser: Browser) -> None:
    mia = browser("mia", roles={"corp": "member"})

    pages = [mia.get(address("choose")), mia.get(address("connect", "okta"))]
    pages.append(mia.post(address("connect", "okta"), {"key": new_key(), "name": "Mine"}))

    assert [page.status_code for page in pages] == [403] * 3
    assert "There is no connection that you manage." in text_of(mia.get(address("connections")))
    assert not ProviderConnection.objects.exists()


def test_without_organizations_a_connection_is_personal(
    browser: Browser, scim_settings: Any
) -> None:
    scim_settings(ORGANIZATION_BACKEND=None)
    olga, other = browser("olga"), browser("other")

    made = olga.post(address("connect", "generic"), {"key": new_key(), "name": "Mine"})
    connection = ProviderConnection.objects.get()

    assert made.status_code == 200
    assert connection.owner is not None
    assert connection.owner.get_username() == "olga@x.example"
    assert olga.get(address("set-up", connection.pk)).status_code == 200
    assert other.get(address("set-up", connection.pk)).status_code == 404


def test_vendor_that_does_not_exist_is_404(browser: Browser) -> None:
    olga = browser("olga", roles={"corp": "owner"})

    answers = [olga.get(address("connect", name)).status_code for name in ("nobody", "strict")]

    assert answers == [404, 404]


def never(**_: Any) -> bool:
    return False


def test_what_a_hook_of_the_project_refuses_is_told(browser: Browser, scim_settings: Any) -> None:
    scim_settings(CAN_GENERATE_TOKEN="tests.portal.test_wizard.never")
    olga = browser("olga", roles={"corp": "owner"})

    refused = olga.post(address("connect", "okta"), {"key": new_key(), "name": "Okta"})

    assert refused.status_code == 400
    assert "You may not generate a token." in text_of(refused)
    assert not ProviderConnection.objects.exists()


def test_profiles_of_the_project_are_offered_by_their_titles(
    browser: Browser, scim_settings: Any
) -> None:
    scim_settings(PROFILES={"corp-idm": {"title": "Corp IDM", "base": "okta"}})
    olga = browser("olga", roles={"corp": "owner"})

    assert "Corp IDM" in text_of(olga.get(address("choose")))
    made = olga.post(address("connect", "corp-idm"), {"key": new_key(), "name": "IDM"})

    assert "SCIM connector base URL" in text_of(made)
    assert ProviderConnection.objects.get().profile == "corp-idm"


def test_event_says_who_made_it(browser: Browser) -> None:
    olga = browser("olga", roles={"corp": "owner"})

    olga.post(address("connect", "okta"), {"key": new_key(), "name": "Okta"})

    event = ProvisioningEvent.objects.get(action="generate_token")
    assert event.actor is not None
    assert event.actor.get_username() == "olga@x.example"
