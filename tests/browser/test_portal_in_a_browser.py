"""An owner of an organization does it all in the portal, from connecting to closing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.looking import Looker
from tests.browser.site import PASSWORD, Site
from tests.browser.speaking import Speaker, exactly
from tests.browser.walking import follow, send, status
from tests.scim_client import CORE, GROUP

OWNER = f"""
from example.tenants import make_user
from organizations.utils import create_organization
create_organization(make_user("olga", "{PASSWORD}"), "Corp", slug="corp")
"""
SECTIONS = "nav.scim-sections"


@pytest.fixture
def page(site: Site, stranger: BrowserContext, say: Speaker) -> Iterator[Page]:
    """Return the browser of Olga, who has logged in."""
    site.python(OWNER)
    found = stranger.new_page()
    found.goto("/directory/")
    found.fill("#id_username", "olga")
    found.fill("#id_password", PASSWORD)
    found.click("button[type=submit]")
    found.wait_for_selector(say.exactly("No directory is connected yet."))
    yield found
    found.close()


def section(page: Page, title: str) -> None:
    """Go to a section of the connection."""
    follow(page, f"{SECTIONS} >> {exactly(title)}")


def test_owner_does_it_all(site: Site, page: Page, say: Speaker, looker: Looker) -> None:
    # From nothing to a token, which is shown once.
    looker.look(page, "empty")
    follow(page, say.exactly("Connect a directory"))
    looker.look(page, "choose")
    follow(page, "text='Okta'")
    page.fill("#id_name", "Okta of Corp")
    looker.look(page, "name")
    follow(page, "button[type=submit]")
    first = page.input_value("#scim-token")
    looker.look(page, "token")
    page.reload()
    assert first not in page.content()
    looker.look(page, "waiting")

    # The identity provider arrives; ticks appear.
    people = []
    for name in ("ann", "bob", "eve"):
        body = {"schemas": [CORE], "userName": f"{name}@corp.example", "externalId": name}
        answered, found = send(site, first, "POST", "/Users", body)
        assert answered == 201
        people.append({"value": found["id"]})
    group = {"schemas": [GROUP], "displayName": "Crew", "members": people}
    assert send(site, first, "POST", "/Groups", group)[0] == 201
    page.reload()
    assert say("Your directory is connected") in page.inner_text("#scim-steps")
    looker.look(page, "set-up")

    # Somebody fails, and the page of failures says why.
    twice = {"schemas": [CORE], "userName": "ann@corp.example", "externalId": "other"}
    assert send(site, first, "POST", "/Users", twice)[0] == 409
    section(page, say("Failures"))
    looker.look(page, "failures")
    assert "ann@corp.example" in page.inner_text(".scim-failures")
    section(page, say("Requests"))
    looker.look(page, "requests")

    # People, a group, and who is in it.
    section(page, say("People"))
    looker.look(page, "people")
    follow(page, "text='bob@corp.example'")
    looker.look(page, "person")
    follow(page, "text='Crew'")
    looker.look(page, "group")
    assert page.locator("tbody tr").count() == 3
    section(page, say("Groups"))
    looker.look(page, "groups")

    # The token is replaced without an outage.
    section(page, say.meaning("of a connection", "Tokens"))
    looker.look(page, "tokens")
    follow(page, say.exactly("Replace the token"))
    looker.look(page, "new-token")
    follow(page, "main button[type=submit]")
    second = page.input_value("#scim-token")
    assert [status(site, token) for token in (first, second)] == [200, 200]

    # Another system is told; its secret is shown once.
    section(page, say("Webhooks"))
    looker.look(page, "webhooks-empty")
    follow(page, say.exactly("Add a webhook"))
    page.fill("#id_address", "http://8.8.8.8/")
    follow(page, "main button[type=submit]")
    looker.look(page, "webhook-refused")
    page.fill("#id_address", "https://8.8.8.8/hooks")
    follow(page, "main button[type=submit]")
    secret = page.input_value("#scim-webhook-secret")
    looker.look(page, "webhook-secret")
    follow(page, say.exactly("I have copied the secret"))
    follow(page, say.exactly("Send a test"))
    looker.look(page, "webhooks")
    follow(page, say.exactly("Rotate the secret"))
    assert page.input_value("#scim-webhook-secret") != secret

    follow(page, say.exactly("What is kept of people"))
    looker.look(page, "privacy")

    # Closed, and its people released.
    section(page, say("Settings"))
    looker.look(page, "settings")
    follow(page, f"a.scim-button >> {say.exactly('Close the connection')}")
    looker.look(page, "close")
    page.fill("#id_provider_id", page.inner_text("form code"))
    follow(page, "button.scim-danger")
    page.wait_for_selector(say.exactly("The connection is closed, and its people are released."))
    looker.look(page, "closed")
    assert [status(site, token) for token in (first, second)] == [401, 401]
    active = (
        "from example.models import User;"
        "print(User.objects.filter(username__endswith='@corp.example', is_active=True).count())"
    )
    assert site.python(active) == "0"
