"""Connecting Okta from nothing to green: the list, a token, the set-up page, and requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import WIDE
from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.test_failures_in_a_browser import NARROW, send
from tests.scim_client import CORE, GROUP, PATCH

LIST = "/admin/scim_provider/providerconnection/"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def test_okta_is_connected_from_nothing_to_green(
    site: Site, window: BrowserContext, browser: Browser, looker: Looker
) -> None:
    def everywhere(address: str, name: str, check: Callable[[Page], None] | None = None) -> None:
        """Look at a page in both themes, on a screen and on a telephone."""
        for theme in THEMES:
            for size in (WIDE, NARROW):
                opened = browser.new_context(
                    base_url=site.origin,
                    viewport=size,  # type: ignore[arg-type]  # a dict will do
                    color_scheme=theme,
                    storage_state=window.storage_state(),
                )
                page = opened.new_page()
                page.goto(address)
                looker.look(page, f"{name}-{theme}-{size['width']}")
                wide = page.evaluate(
                    "Math.max(...[...document.querySelectorAll('#content table, .scim-page')]"
                    ".filter((one) => !one.closest('.scim-scroll'))"
                    ".map((one) => one.getBoundingClientRect().right))"
                )
                assert wide <= size["width"], (name, wide)
                if check is not None:
                    check(page)
                opened.close()

    # Nothing is there; the list says what to do.
    everywhere(LIST, "overview-empty")
    page = window.new_page()
    page.goto(LIST)
    page.click(".scim-empty >> text=Connect a directory")
    page.fill("#id_provider_id", "okta-acme")
    page.fill("#id_name", "Acme")
    page.select_option("#id_profile", "okta")
    page.click("input[name=_save]")
    looker.look(page, "token")
    token = page.input_value("#scim-token")

    # The page waits; what arrives is ticked without anybody pressing anything.
    page.click("text=I have copied the token")
    assert page.inner_text("#scim-steps-title") == "Waiting for the identity provider"
    assert token not in page.content()
    set_up = page.url
    everywhere(set_up, "set-up-waiting")
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("button[data-copies=scim-base-url]")
    page.wait_for_function("document.getElementById('scim-copied').textContent !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.origin}/scim/v2"
    send(site, token, "GET", "/Users?count=1", None)
    page.wait_for_selector(".scim-step-done >> nth=1")
    _, ann = send(
        site,
        token,
        "POST",
        "/Users",
        {"schemas": [CORE], "userName": "ann@x.example", "externalId": "00u1"},
    )
    page.wait_for_selector("text=The directory is connected")
    assert page.locator(".scim-step-done").count() == 3
    looker.look(page, "set-up-ticked")

    # The rest is seen with the next look.
    members = [{"value": ann["id"]}]
    group = {"schemas": [GROUP], "displayName": "Staff", "members": members}
    assert send(site, token, "POST", "/Groups", group)[0] == 201
    away = {"op": "replace", "path": "active", "value": False}
    send(site, token, "PATCH", f"/Users/{ann['id']}", {"schemas": [PATCH], "Operations": [away]})
    everywhere(set_up, "set-up-done")
    page.reload()
    assert page.locator(".scim-step-done").count() == 5

    # The list has a green badge; each figure leads to its rows.
    site.manage("scim_generate_token", "entra-globex", "--profile=entra", "--name=Globex")
    everywhere(LIST, "overview")
    page.goto(LIST)
    row = page.locator("#result_list tbody tr", has_text="okta-acme")
    assert row.locator(".scim-badge.scim-is-healthy").inner_text() == "● healthy"
    assert "Okta" in row.inner_text()
    row.locator(".field-people a").click()
    assert "ann@x.example" in page.inner_text("#result_list")
    page.goto(LIST)
    page.click(".scim-filter >> text=Needs attention")
    page.click("text=silent for 7 days")
    assert page.locator("#result_list tbody tr").count() == 1
    looker.look(page, "overview-filtered")


def test_pages_work_without_scripts(site: Site, window: BrowserContext, browser: Browser) -> None:
    made = site.manage("scim_generate_token", "okta-quiet", "--profile=okta", "--name=Quiet")
    token = made.strip().split()[-1]
    opened = browser.new_context(
        base_url=site.origin, java_script_enabled=False, storage_state=window.storage_state()
    )
    page = opened.new_page()
    page.goto(LIST)
    page.click("#result_list >> text=okta-quiet")
    page.click(".scim-console >> text=Set-up")
    assert page.input_value("#scim-base-url") == f"{site.origin}/scim/v2"

    send(site, token, "POST", "/Users", {"schemas": [CORE], "userName": "eve@x.example"})
    page.click("text=Look again")

    assert page.locator(".scim-step-done").count() == 3
    opened.close()
