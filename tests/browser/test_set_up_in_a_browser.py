"""Connecting Okta from nothing to green: the list, a token, the set-up page, and requests."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker
from tests.browser.walking import CONNECTIONS, connect, follow, holding, open_connection, send
from tests.scim_client import CORE, GROUP, PATCH


def test_okta_is_connected_from_nothing_to_green(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    # Nothing is there; the list says what to do.
    page = window.new_page()
    page.goto(CONNECTIONS)
    looker.look(page, "overview-empty")
    follow(page, f".scim-empty >> {say.exactly('Connect a directory')}")
    page.fill("#id_provider_id", "okta-acme")
    page.fill("#id_name", "Acme")
    page.select_option("#id_profile", "okta")
    looker.look(page, "new-connection")
    follow(page, "input[name=_save]")
    looker.look(page, "token")
    token = page.input_value("#scim-token")

    # The page waits; what arrives is ticked without anybody pressing anything.
    follow(page, say.exactly("I have copied the token"))
    assert page.inner_text("#scim-steps-title") == say("Waiting for the identity provider")
    assert token not in page.content()
    looker.look(page, "set-up-waiting")
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("button[data-copies=scim-base-url]")
    page.wait_for_function("document.getElementById('scim-copied').textContent !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.origin}/scim/v2"
    send(site, token, "GET", "/Users?count=1")
    page.wait_for_selector(".scim-step-done >> nth=1")
    person = {"schemas": [CORE], "userName": "ann@x.example", "externalId": "00u1"}
    _, ann = send(site, token, "POST", "/Users", person)
    page.wait_for_selector(say.exactly("The directory is connected"))
    assert page.locator(".scim-step-done").count() == 3
    looker.glance(page, "set-up-ticked")

    # The rest is seen with the next look.
    members = [{"value": ann["id"]}]
    group = {"schemas": [GROUP], "displayName": "Crew", "members": members}
    assert send(site, token, "POST", "/Groups", group)[0] == 201
    away = {"op": "replace", "path": "active", "value": False}
    send(site, token, "PATCH", f"/Users/{ann['id']}", {"schemas": [PATCH], "Operations": [away]})
    page.reload()
    assert page.locator(".scim-step-done").count() == 5
    looker.look(page, "set-up-done")

    # The list has a green badge; each figure leads to its rows.
    connect(site, "entra-globex", "--profile=entra", "--name=Globex")
    page.goto(CONNECTIONS)
    looker.look(page, "overview")
    row = page.locator("#result_list tbody tr", has_text="okta-acme")
    badge = row.locator(".scim-badge.scim-is-healthy")
    assert badge.inner_text() == f"● {say('healthy')}"
    assert "Okta" in row.inner_text()
    with page.expect_navigation():
        row.locator(".field-people a").click()
    assert "ann@x.example" in page.inner_text("#result_list")
    page.goto(CONNECTIONS)
    page.click(f".scim-filter >> {holding(say.first('needs attention'))}")
    follow(page, f".scim-filter >> {say.exactly('silent for 7 days')}")
    assert page.locator("#result_list tbody tr").count() == 1
    looker.glance(page, "overview-filtered")
    page.close()


def test_pages_work_without_scripts(
    site: Site, window: BrowserContext, browser: Browser, say: Speaker
) -> None:
    token = connect(site, "okta-quiet", "--profile=okta", "--name=Quiet")
    opened = browser.new_context(
        base_url=site.origin,
        java_script_enabled=False,
        locale=say.language,
        storage_state=window.storage_state(),
    )
    page = opened.new_page()
    open_connection(page, "okta-quiet", say("Set-up"))
    assert page.input_value("#scim-base-url") == f"{site.origin}/scim/v2"

    send(site, token, "POST", "/Users", {"schemas": [CORE], "userName": "eve@x.example"})
    follow(page, say.exactly("Look again"))

    assert page.locator(".scim-step-done").count() == 3
    opened.close()
