"""Reading what happened: the list of events, one event, a person's timeline and a group's."""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import WIDE
from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.test_failures_in_a_browser import NARROW, send
from tests.scim_client import CORE, GROUP, PATCH

Theme = Literal["light", "dark"]
EVENTS = "/admin/scim_provider/provisioningevent/"


def patch(site: Site, token: str, path: str, *operations: dict[str, Any]) -> None:
    """Change a resource as an identity provider does."""
    send(site, token, "PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


def a_year(site: Site) -> str:
    """Let much happen to somebody, and return the token."""
    told = site.manage("scim_generate_token", "okta-time", "--profile=okta", "--name=Acme")
    token = told.strip().split()[-1]
    site.python(
        "from django.contrib.auth.models import Group;"
        "from django_scim_provider.models import GroupMapping as M;"
        "g=Group.objects.create(name='Reviewers');"
        "M.objects.create(provider_id='okta-time',match_by='displayName',value='Engineering',"
        "django_group=g)"
    )
    ids = []
    for name in ("ann@x.example", "bob@x.example", "eve@x.example"):
        body = {"schemas": [CORE], "userName": name, "externalId": f"00u-{name}"}
        ids.append(send(site, token, "POST", "/Users", body)[1]["id"])
    members = [{"value": id} for id in ids]
    team: dict[str, Any] = {"schemas": [GROUP], "displayName": "Engineering"}
    _, group = send(site, token, "POST", "/Groups", {**team, "members": members[:2]})
    patch(site, token, f"/Users/{ids[0]}", {"op": "add", "path": "title", "value": "Lead"})
    path = f"/Groups/{group['id']}"
    patch(site, token, path, {"op": "remove", "path": "members", "value": members[:1]})
    patch(site, token, path, {"op": "add", "path": "members", "value": members[2:]})
    patch(site, token, f"/Users/{ids[0]}", {"op": "replace", "path": "active", "value": False})
    send(site, token, "POST", "/Users", {"schemas": [CORE], "userName": "bob@x.example"})
    send(site, token, "DELETE", f"/Users/{ids[2]}", None)
    return token


def in_all_sizes(
    browser: Browser, window: BrowserContext, site: Site, looker: Looker, page: Page, name: str
) -> None:
    """Look at a page in both themes and on a telephone."""
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
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
            if size is WIDE:
                assert other.evaluate("document.documentElement.scrollWidth") <= size["width"]
            opened.close()


def test_what_happened_can_be_read(
    site: Site, window: BrowserContext, browser: Browser, looker: Looker
) -> None:
    a_year(site)
    page = window.new_page()
    page.goto(f"{EVENTS}?provider=okta-time")
    in_all_sizes(browser, window, site, looker, page, "events")
    rows = page.locator("#result_list tbody tr")
    assert "deleted person" in rows.nth(0).inner_text()
    assert "Okta" in rows.nth(0).inner_text()
    tallest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#result_list tbody tr')]"
        ".map((row) => row.offsetHeight))"
    )
    assert tallest < 50  # one line each
    cut = "document.querySelector('.results').scrollWidth - "
    cut += "document.querySelector('.results').clientWidth"
    assert page.evaluate(cut) == 0
    page.goto(EVENTS)
    assert page.evaluate(cut) == 0
    looker.look(page, "events-of-all")
    page.goto(f"{EVENTS}?provider=okta-time")

    # A short id opens to the whole one, and says that it is copied.
    page.locator(".scim-id > summary").nth(0).click()
    page.wait_for_function("document.querySelector('#scim-id-copied')?.textContent")
    assert len(page.locator(".scim-id[open] .scim-whole-id").inner_text()) > 30
    looker.look(page, "events-copied")

    # A name finds the person, whose page leads to the timeline.
    page.fill("#searchbar", "ann@x.example")
    page.click("#changelist-search input[type=submit]")
    assert page.locator("#result_list tbody tr").count() >= 3
    looker.look(page, "events-found")
    page.click("#result_list tbody tr >> nth=0 >> .field-what a")
    in_all_sizes(browser, window, site, looker, page, "event")
    page.click(".field-who a")
    looker.look(page, "account")
    page.click(".object-tools >> text=History")
    in_all_sizes(browser, window, site, looker, page, "timeline-person")
    told = page.inner_text(".scim-timeline")
    for text in (
        "Deactivated",
        "sessions ended",
        "Left the group Engineering",
        "Lost the Django group Reviewers",
        "Got the Django group Reviewers through the group Engineering",
    ):
        assert text in told, told

    page.click(".scim-timeline >> text=Engineering >> nth=0")
    page.click("text=Whole timeline")
    in_all_sizes(browser, window, site, looker, page, "timeline-group")
    assert "2 members joined" in page.inner_text(".scim-timeline")

    # A day without events says what to do, and leads on.
    page.goto(f"{EVENTS}?provider=okta-time&day=2020-02-03")
    looker.look(page, "events-none")
    page.click("text=All days")
    assert page.locator("#result_list tbody tr").count() > 5
