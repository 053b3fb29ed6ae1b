"""Checking a connection, recording what it asks, and trying that again, by buttons."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import WIDE
from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.test_failures_in_a_browser import NARROW, send
from tests.scim_client import CORE

LIST = "/admin/scim_provider/providerconnection/"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def look_everywhere(
    looker: Looker, site: Site, browser: Browser, window: BrowserContext, page: Page, name: str
) -> None:
    """Look at a page in both themes, and on a telephone, where nothing is wider than the screen."""
    for theme in THEMES:
        for size in (WIDE, NARROW):
            opened = browser.new_context(
                base_url=site.origin,
                viewport=size,  # type: ignore[arg-type]  # a dict will do
                color_scheme=theme,
                storage_state=window.storage_state(),
            )
            other = opened.new_page()
            other.goto(page.url)
            looker.look(other, f"{name}-{theme}-{size['width']}")
            wide = other.evaluate("document.querySelector('.scim-page').scrollWidth")
            assert wide <= size["width"]
            opened.close()


def start(page: Page, kind: str) -> None:
    form = page.locator(f".scim-start form:has(input[value={kind}])")
    confirmation = form.locator("[name=confirmed]")
    if confirmation.count():
        confirmation.check()
    form.locator("button").click()
    # The page looks again by itself.
    page.wait_for_selector(f"section[aria-labelledby=scim-{kind}] .scim-run-done", timeout=90_000)


def test_connection_is_checked_from_its_page(
    site: Site, window: BrowserContext, browser: Browser, looker: Looker
) -> None:
    site.manage("scim_generate_token", "checked", "--profile=okta", "--name=Checked")
    page = window.new_page()
    page.goto(LIST)
    page.click("#result_list >> text='checked'")
    page.click(".scim-console >> text=Checks")
    looker.look(page, "checks-none-yet")

    for kind in ("doctor", "simulator", "drift"):
        start(page, kind)
    assert "all answered as the identity provider needs it" in page.inner_text("#scim-runs")
    assert "0 compared, 0 differ." in page.inner_text("#scim-runs")
    users = "from django.contrib.auth import get_user_model as m;print(m().objects.count())"
    assert site.python(users) == "1"
    look_everywhere(looker, site, browser, window, page, "checks")


def test_connection_in_trouble_is_recorded_and_tried_again(
    site: Site, window: BrowserContext, browser: Browser, looker: Looker
) -> None:
    told = site.manage("scim_generate_token", "recorded", "--profile=okta", "--name=Recorded")
    token = told.strip().split()[-1]
    page = window.new_page()
    page.goto(LIST)
    page.click("#result_list >> text='recorded'")
    page.click(".scim-console >> text=Recorder")
    looker.look(page, "recorder-off")
    page.click("text='Record'")
    assert "It is recorded now." in page.inner_text(".messagelist")

    body = {"schemas": [CORE], "userName": "ann@x.example", "password": "hunter2-planted"}
    assert send(site, token, "POST", "/Users", {**body, "active": "perhaps"})[0] == 400
    assert send(site, token, "POST", "/Users", body)[0] == 201
    page.reload()
    look_everywhere(looker, site, browser, window, page, "recorder-on")
    assert "2 requests are kept." in page.inner_text(".scim-page")

    page.click(".scim-wide tbody tr:nth-child(2) a")
    look_everywhere(looker, site, browser, window, page, "recorded-request")
    text = page.inner_text(".scim-page")
    assert "ann@x.example" in text
    assert "hunter2-planted" not in text
    page.check("[name=confirmed]")
    page.click("text=Try it again, and undo it")
    looker.look(page, "tried-again")
    assert "201 → 409" in page.inner_text(".scim-tried summary")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a dict will do
    looker.look(page, "tried-again-390")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # a dict will do

    page.click("text=Back to the recorder")
    page.check("[name=confirmed]")
    page.click("text=Try all again, and undo it")
    looker.look(page, "tried-all-again")
    assert page.locator(".scim-tried").count() == 2
    page.click("text=Back to the recorder")
    page.click("text='Stop'")
    page.click("text=Delete what is kept")
    assert "2 requests were deleted." in page.inner_text(".messagelist")
