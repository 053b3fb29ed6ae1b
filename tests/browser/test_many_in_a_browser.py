"""Many connections at once in the admin: rotated without an outage, disabled and enabled again."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker, exactly
from tests.browser.walking import CONNECTIONS, connect, follow, open_connection, status

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
    follow(page, ".actions button[name=index]")


def test_tokens_of_many_are_rotated_without_an_outage(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    ids = ("okta-one", "okta-two")
    old = {id: connect(site, id) for id in ids}
    page = window.new_page()
    page.goto(CONNECTIONS)
    choose(page, say("Rotate the tokens of the chosen connections"), *ids)
    looker.look(page, "bulk-rotate")
    assert page.input_value("#id_overlap") == "24"

    with page.expect_download() as download:
        page.click(say.exactly("Rotate and download"))
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))

    assert [row["provider_id"] for row in rows] == list(ids)
    for row in rows:
        # Whoever still has the old token is let in, and so is whoever has the new one.
        assert status(site, old[row["provider_id"]]) == 200
        assert status(site, row["token"]) == 200
        assert row["token"] not in page.content()
    page.wait_for_function("document.getElementById('scim-asked').textContent !== ''")
    looker.look(page, "bulk-rotated")

    # A day later, the old ones are dead.
    site.python(
        "from datetime import timedelta; from django.db.models import F;"
        "from django_scim_provider.models import SCIMToken;"
        "SCIMToken.objects.update(expires_at=F('expires_at') - timedelta(days=1))"
    )
    assert {status(site, token) for token in old.values()} == {401}
    assert {status(site, row["token"]) for row in rows} == {200}


def test_work_on_many_goes_on_by_itself(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    site.python(MANY)
    page = window.new_page()
    page.goto(f"{CONNECTIONS}?q=Tenant")
    choose(page, say("Disable the chosen connections"))
    looker.look(page, "bulk-disable")
    page.click(".submit-row input")
    page.wait_for_selector("progress")
    disabled = "%(number)d connection was disabled.", "%(number)d connections were disabled."
    page.wait_for_selector(exactly(say.count(*disabled, 230)), timeout=60_000)
    looker.look(page, "bulk-disabled")
    follow(page, say.exactly("Back to the connections"))

    page.goto(f"{CONNECTIONS}?q=Tenant")
    choose(page, say("Export people and groups of the chosen connections"))
    looker.look(page, "bulk-export")
    with page.expect_download() as download:
        page.click(say.exactly("Download people (CSV)"))
    assert Path(download.value.path()).read_text().startswith("provider_id,")

    # Without scripts, a button goes on.
    plain = window.browser.new_context(  # type: ignore[union-attr]  # it has one
        base_url=site.origin,
        java_script_enabled=False,
        locale=say.language,
        storage_state=window.storage_state(),
    )
    still = plain.new_page()
    still.goto(f"{CONNECTIONS}?q=%22Tenant+1%22&all=")
    for box in still.locator("input.action-select").all()[:101]:
        box.check()
    still.select_option("select[name=action]", label=say("Enable the chosen connections"))
    follow(still, ".actions button[name=index]")
    follow(still, ".submit-row input")
    done = say("%(worked)s of %(total)s connections are done.", worked=100, total=101)
    assert done in still.inner_text(".scim-page")
    still.screenshot(path=looker.folder / "bulk-progress.png", full_page=True)
    follow(still, say.exactly("Continue"))
    enabled = "%(number)d connection was enabled.", "%(number)d connections were enabled."
    assert say.count(*enabled, 101) in still.inner_text(".scim-page")
    plain.close()


def test_privacy_is_told(site: Site, window: BrowserContext, say: Speaker, looker: Looker) -> None:
    connect(site, "okta-private")
    page = window.new_page()
    page.goto("/admin/scim_provider/")
    follow(page, say.exactly("What is kept of people"))
    looker.look(page, "privacy-of-all")
    open_connection(page, "okta-private", say("Privacy"))
    looker.look(page, "privacy")
    page.close()
