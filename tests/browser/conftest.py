"""A browser: Chromium of the system, driven by Playwright.

``SCIM_CHROMIUM`` names the browser (default: ``chromium`` on the path), ``SCIM_AXE_CORE`` the file
``axe.min.js`` of axe-core (default: that of ``npm install`` in this folder), ``SCIM_SCREENSHOTS``
the folder for screenshots (default: a temporary one).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.looking import Looker
from tests.browser.site import PASSWORD, Site, serving

FOLDER = Path(__file__).resolve().parent
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running example project."""
    with serving(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser."""
    executable = os.environ.get("SCIM_CHROMIUM") or shutil.which("chromium")
    assert executable, "Install Chromium, or name it in SCIM_CHROMIUM."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def window(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    """Return a window in which the superuser is logged in."""
    opened = browser.new_context(base_url=site.origin, viewport=WIDE)  # type: ignore[arg-type]  # a dict will do
    opened.set_default_timeout(15_000)
    page = opened.new_page()
    page.goto("/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#user-tools")
    page.close()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def looker(tmp_path_factory: pytest.TempPathFactory) -> Looker:
    """Return what looks at pages."""
    screenshots = os.environ.get("SCIM_SCREENSHOTS")
    folder = Path(screenshots) if screenshots else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    own = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
    axe = Path(os.environ.get("SCIM_AXE_CORE") or own)
    assert axe.is_file(), f"Run npm install in {FOLDER}, or name axe.min.js in SCIM_AXE_CORE."
    return Looker(folder, axe.read_text())
