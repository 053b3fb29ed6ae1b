"""An owner of an organization does it all in the portal, from connecting to closing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDE
from tests.browser.looking import Looker
from tests.browser.site import PASSWORD, Site
from tests.browser.test_admin_in_a_browser import status
from tests.browser.test_failures_in_a_browser import send
from tests.scim_client import CORE, GROUP

OWNER = f"""
from example.tenants import make_user
from organizations.utils import create_organization
create_organization(make_user("olga", "{PASSWORD}"), "Corp", slug="corp")
"""
SECTIONS = "nav.scim-sections"


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """Return the browser of Olga, who has logged in."""
    site.python(OWNER)
    opened = browser.new_context(base_url=site.origin, viewport=WIDE)  # type: ignore[arg-type]  # a dict will do
    opened.set_default_timeout(15_000)
    found = opened.new_page()
    found.goto("/directory/")
    found.fill("#id_username", "olga")
    found.fill("#id_password", PASSWORD)
    found.click("button[type=submit]")
    found.wait_for_selector("text='No directory is connected yet.'")
    yield found
    opened.close()


def section(page: Page, title: str) -> None:
    page.click(f"{SECTIONS} >> text='{title}'")


def test_owner_does_it_all(site: Site, page: Page, looker: Looker) -> None:
    # From nothing to a token, which is shown once.
    looker.look_everywhere(page, "portal-empty")
    page.click("text='Connect a directory'")
    looker.look_everywhere(page, "portal-choose")
    page.click("text='Okta'")
    page.fill("#id_name", "Okta of Corp")
    looker.look_everywhere(page, "portal-name")
    page.click("button[type=submit]")
    first = page.input_value("#scim-token")
    looker.look_everywhere(page, "portal-token")
    page.reload()
    assert first not in page.content()
    looker.look_everywhere(page, "portal-waiting")

    # The identity provider arrives; ticks appear.
    people = []
    for name in ("ann", "bob", "eve"):
        body = {"schemas": [CORE], "userName": f"{name}@corp.example", "externalId": name}
        answered, found = send(site, first, "POST", "/Users", body)
        assert answered == 201
        people.append({"value": found["id"]})
    group = {"schemas": [GROUP], "displayName": "Staff", "members": people}
    assert send(site, first, "POST", "/Groups", group)[0] == 201
    page.reload()
    assert "Your directory is connected" in page.inner_text("#scim-steps")
    looker.look_everywhere(page, "portal-set-up")

    # Somebody fails, and the page of failures says why.
    twice = {"schemas": [CORE], "userName": "ann@corp.example", "externalId": "other"}
    assert send(site, first, "POST", "/Users", twice)[0] == 409
    section(page, "Failures")
    looker.look_everywhere(page, "portal-failures")
    assert "ann@corp.example" in page.inner_text(".scim-failures")
    section(page, "Requests")
    looker.look_everywhere(page, "portal-requests")

    # People, a group, and who is in it.
    section(page, "People")
    looker.look_everywhere(page, "portal-people")
    page.click("text='bob@corp.example'")
    looker.look_everywhere(page, "portal-person")
    page.click("text='Staff'")
    looker.look_everywhere(page, "portal-group")
    assert page.locator("tbody tr").count() == 3
    section(page, "Groups")
    looker.look_everywhere(page, "portal-groups")

    # The token is replaced without an outage.
    section(page, "Tokens")
    looker.look_everywhere(page, "portal-tokens")
    page.click("text='Replace the token'")
    looker.look_everywhere(page, "portal-new-token")
    page.click("main button[type=submit]")
    second = page.input_value("#scim-token")
    assert [status(site, token) for token in (first, second)] == [200, 200]

    # Another system is told; its secret is shown once.
    section(page, "Webhooks")
    looker.look_everywhere(page, "portal-webhooks-empty")
    page.click("text='Add a webhook'")
    page.fill("#id_address", "http://8.8.8.8/")
    page.click("main button[type=submit]")
    looker.look_everywhere(page, "portal-webhook-refused")
    page.fill("#id_address", "https://8.8.8.8/hooks")
    page.click("main button[type=submit]")
    secret = page.input_value("#scim-webhook-secret")
    looker.look_everywhere(page, "portal-webhook-secret")
    page.click("text='I have copied the secret'")
    page.click("text='Send a test'")
    looker.look_everywhere(page, "portal-webhooks")
    page.click("text='Rotate the secret'")
    assert page.input_value("#scim-webhook-secret") != secret

    page.click("text='What is kept of people'")
    looker.look_everywhere(page, "portal-privacy")

    # Closed, and its people released.
    section(page, "Settings")
    looker.look_everywhere(page, "portal-settings")
    page.click("a.scim-button >> text='Close the connection'")
    looker.look_everywhere(page, "portal-close")
    page.fill("#id_provider_id", page.inner_text("form code"))
    page.click("button.scim-danger")
    page.wait_for_selector("text='The connection is closed, and its people are released.'")
    looker.look_everywhere(page, "portal-closed")
    assert [status(site, token) for token in (first, second)] == [401, 401]
    active = (
        "from example.models import User;"
        "print(User.objects.filter(username__endswith='@corp.example', is_active=True).count())"
    )
    assert site.python(active) == "0"
