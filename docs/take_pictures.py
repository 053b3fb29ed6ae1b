"""Takes the screenshots in ``pictures`` anew: ``python docs/take_pictures.py``.

It serves the example project on a database of its own and looks at it with Chromium, as
``tests/browser`` does; it needs the extra ``browser``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from django_scim_provider.core.schemas import USER  # noqa: E402
from tests.browser.conftest import ARGUMENTS  # noqa: E402
from tests.browser.site import PASSWORD, Site, serving  # noqa: E402
from tests.browser.walking import send  # noqa: E402

TENANTS = f"""
from example.tenants import make_user, set_up
from organizations.utils import create_organization
tokens = set_up("{PASSWORD}")
create_organization(make_user("olga", "{PASSWORD}"), "Initech", slug="initech")
print(*tokens.values())
"""
LIST = "/admin/scim_provider/providerconnection/"
TAKEN = "Somebody who has another name there"


def fill(site: Site) -> None:
    """Bring people into two tenants, one of whom cannot come."""
    acme, globex = site.python(TENANTS).split()
    for vendor, token, people in (("okta", acme, "24"), ("entra", globex, "9")):
        address = f"{site.origin}/scim/v2"
        options = ("--users", people, "--groups", "3", "--deactivate", "10")
        site.manage("scim_simulate", vendor, address, "--token-stdin", *options, text=token)
    ann = {"schemas": [USER.schema.id], "userName": "ann@acme.example", "externalId": "00u1"}
    send(site, acme, "POST", "/Users", ann)
    send(site, acme, "POST", "/Users", {**ann, "externalId": "00u2", "displayName": TAKEN})


def log_in(page: Page, address: str, name: str) -> None:
    """Log in where an address asks for it."""
    page.goto(address)
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_load_state("networkidle")


def take(page: Page, name: str, height: int) -> None:
    """Keep what a window of that height shows."""
    page.set_viewport_size({"width": 1280, "height": height})
    page.screenshot(path=DOCS / "pictures" / f"{name}.png")


def in_the_admin(page: Page) -> None:
    """Take the list of connections, the failures of one, and the set-up page of a new one."""
    log_in(page, "/admin/", "admin")
    page.goto(LIST)
    take(page, "console", 560)
    page.click("text=okta-demo")
    page.click("text=Failures")
    take(page, "failures", 640)
    page.goto(f"{LIST}add/")
    page.fill("#id_provider_id", "okta-hooli")
    page.fill("#id_name", "Hooli")
    page.select_option("#id_profile", "okta")
    page.click("input[name=_save]")
    page.click("text=I have copied the token")
    take(page, "set-up", 860)


def in_the_portal(page: Page) -> None:
    """Take the page that shows somebody a token."""
    log_in(page, "/directory/", "olga")
    page.click("text='Connect a directory'")
    page.click("text='Okta'")
    page.fill("#id_name", "Okta of Initech")
    page.click("main button[type=submit]")
    page.wait_for_selector("#scim-token")
    take(page, "portal", 860)


def main() -> None:
    """Take all of them."""
    executable = os.environ.get("SCIM_CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        fill(site)
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        for look in (in_the_admin, in_the_portal):
            window = browser.new_context(base_url=site.origin, color_scheme="light")
            look(window.new_page())
            window.close()
        browser.close()


if __name__ == "__main__":
    main()
