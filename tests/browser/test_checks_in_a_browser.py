"""Checking a connection, recording what it asks, and trying that again, by buttons."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker
from tests.browser.walking import connect, follow, open_connection, send
from tests.scim_client import CORE

LANGUAGES = ("en",)
"""The walks that an administrator goes each week are in the other languages as well."""


def start(page: Page, kind: str) -> None:
    form = page.locator(f".scim-start form:has(input[value={kind}])")
    confirmation = form.locator("[name=confirmed]")
    if confirmation.count():
        confirmation.check()
    with page.expect_navigation():
        form.locator("button").click()
    # The page looks again by itself.
    page.wait_for_selector(f"section[aria-labelledby=scim-{kind}] .scim-run-done", timeout=90_000)


def test_connection_is_checked_from_its_page(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    connect(site, "checked", "--profile=okta", "--name=Checked")
    page = window.new_page()
    open_connection(page, "checked", say("Checks"))
    looker.look(page, "none-yet")

    for kind in ("doctor", "simulator", "drift"):
        start(page, kind)
    runs = page.inner_text("#scim-runs")
    good = say("%(requests)s requests, all answered as the identity provider needs it.", requests=0)
    assert good.partition("0")[2] in runs
    assert say("%(compared)s compared, %(differing)s differ.", compared=0, differing=0) in runs
    users = "from django.contrib.auth import get_user_model as m;print(m().objects.count())"
    assert site.python(users) == "1"
    looker.look(page, "run")
    for summary in page.locator("#scim-runs details > summary").all():
        summary.click()
    looker.look(page, "run-opened")
    page.close()


def test_connection_in_trouble_is_recorded_and_tried_again(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    token = connect(site, "recorded", "--profile=okta", "--name=Recorded")
    page = window.new_page()
    open_connection(page, "recorded", say("Recorder"))
    looker.look(page, "recorder-off")
    follow(page, say.exactly("Record"))
    assert say("It is recorded now.") in page.inner_text(".messagelist")

    body = {"schemas": [CORE], "userName": "ann@x.example", "password": "hunter2-planted"}
    assert send(site, token, "POST", "/Users", {**body, "active": "perhaps"})[0] == 400
    assert send(site, token, "POST", "/Users", body)[0] == 201
    page.reload()
    looker.look(page, "recorder-on")
    kept = say.count("%(number)s request is kept.", "%(number)s requests are kept.", 2)
    assert kept in page.inner_text(".scim-page")

    follow(page, ".scim-wide tbody tr:nth-child(2) a")
    looker.look(page, "recorded-request")
    text = page.inner_text(".scim-page")
    assert "ann@x.example" in text
    assert "hunter2-planted" not in text
    page.check("[name=confirmed]")
    follow(page, say.exactly("Try it again, and undo it"))
    looker.look(page, "tried-again")
    assert "201 → 409" in page.inner_text(".scim-tried summary")

    follow(page, say.exactly("Back to the recorder"))
    page.check("[name=confirmed]")
    follow(page, say.exactly("Try all again, and undo it"))
    looker.look(page, "tried-all-again")
    assert page.locator(".scim-tried").count() == 2
    follow(page, say.exactly("Back to the recorder"))
    follow(page, say.exactly("Stop"))
    follow(page, say.exactly("Delete what is kept"))
    erased = "%(number)d request was deleted.", "%(number)d requests were deleted."
    assert say.count(*erased, 2) in page.inner_text(".messagelist")
    page.close()
