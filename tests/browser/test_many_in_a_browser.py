"""Many connections at once in the admin: rotated without an outage, disabled and enabled again."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.test_admin_in_a_browser import CONNECTIONS, status

MANY = """
from django_scim_provider.models import ProviderConnection as C
C.objects.bulk_create([C(provider_id=f"z{n:03d}", provider_key=f"z{n:03d}", name=f"Tenant {n}")
    for n in range(230)])
"""


def choose(page: Page, action: str, *ids: str) -> None:
    """Choose connections of the list, or all that it finds, and the action."""
    if ids:
        for id in ids:
            page.check(f"tr:has-text('{id}') input.action-select")
    else:
        page.check("#action-toggle")
        page.click(".actions .question a")
    page.select_option("select[name=action]", label=action)
    page.click(".actions button[name=index]")


def test_tokens_of_many_are_rotated_without_an_outage(
    site: Site, window: BrowserContext, looker: Looker
) -> None:
    ids = ("okta-one", "okta-two")
    old = {id: site.manage("scim_generate_token", id).strip().split()[-1] for id in ids}
    page = window.new_page()
    page.goto(CONNECTIONS)
    choose(page, "Rotate the tokens of the chosen connections", *ids)
    looker.look_everywhere(page, "bulk-rotate")
    assert page.input_value("#id_overlap") == "24"

    with page.expect_download() as download:
        page.click("text='Rotate and download'")
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))

    assert [row["provider_id"] for row in rows] == list(ids)
    for row in rows:
        # Whoever still has the old token is let in, and so is whoever has the new one.
        assert status(site, old[row["provider_id"]]) == 200
        assert status(site, row["token"]) == 200
        assert row["token"] not in page.content()
    page.wait_for_function("document.getElementById('scim-asked').textContent !== ''")
    looker.look_everywhere(page, "bulk-rotated")

    # A day later, the old ones are dead.
    site.python(
        "from datetime import timedelta; from django.db.models import F;"
        "from django_scim_provider.models import SCIMToken;"
        "SCIMToken.objects.update(expires_at=F('expires_at') - timedelta(days=1))"
    )
    assert {status(site, token) for token in old.values()} == {401}
    assert {status(site, row["token"]) for row in rows} == {200}


def test_work_on_many_goes_on_by_itself(site: Site, window: BrowserContext, looker: Looker) -> None:
    site.python(MANY)
    page = window.new_page()
    page.goto(f"{CONNECTIONS}?q=Tenant")
    choose(page, "Disable the chosen connections")
    looker.look_everywhere(page, "bulk-disable")
    page.click(".submit-row input")
    page.wait_for_selector("progress")
    page.wait_for_selector("text='230 connections were disabled.'", timeout=60_000)
    looker.look_everywhere(page, "bulk-disabled")
    page.click("text='Back to the connections'")

    page.goto(f"{CONNECTIONS}?q=Tenant")
    choose(page, "Export people and groups of the chosen connections")
    looker.look_everywhere(page, "bulk-export")
    with page.expect_download() as download:
        page.click("text='Download people (CSV)'")
    assert Path(download.value.path()).read_text().startswith("provider_id,")

    # Without scripts, a button goes on.
    plain = window.browser.new_context(  # type: ignore[union-attr]  # it has one
        base_url=site.origin, java_script_enabled=False, storage_state=window.storage_state()
    )
    still = plain.new_page()
    still.goto(f"{CONNECTIONS}?q=%22Tenant+1%22&all=")
    for box in still.locator("input.action-select").all()[:101]:
        box.check()
    still.select_option("select[name=action]", label="Enable the chosen connections")
    still.click(".actions button[name=index]")
    still.click(".submit-row input")
    assert "100 of 101 connections are done." in still.inner_text(".scim-page")
    still.screenshot(path=looker.folder / "bulk-progress.png")
    still.click("text='Continue'")
    assert "101 connections were enabled." in still.inner_text(".scim-page")
    plain.close()


def test_privacy_is_told(site: Site, window: BrowserContext, looker: Looker) -> None:
    site.manage("scim_generate_token", "okta-private")
    page = window.new_page()
    page.goto("/admin/scim_provider/")
    page.click("text='What is kept of people'")
    looker.look_everywhere(page, "privacy-of-all")
    page.goto(f"{CONNECTIONS}?q=okta-private")
    page.click("#result_list >> text='okta-private'")
    page.click(".scim-console >> text='Privacy'")
    looker.look_everywhere(page, "privacy")
