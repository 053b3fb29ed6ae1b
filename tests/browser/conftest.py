"""A browser: Chromium of the system, driven by Playwright, in each language of the app.

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

from tests.browser.left_english import left_english
from tests.browser.looking import FIRST, Looker
from tests.browser.site import PASSWORD, Site, serving
from tests.browser.speaking import LANGUAGES, Speaker, speaker

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


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running example project."""
    with serving(tmp_path_factory.mktemp("site")) as found:
        yield found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk in each language, or in those that a module names."""
    if "language" in metafunc.fixturenames:
        languages = getattr(metafunc.module, "LANGUAGES", LANGUAGES)
        metafunc.parametrize("language", languages, scope="module", indirect=True)


@pytest.fixture(scope="module")
def language(request: pytest.FixtureRequest) -> str:
    """Return the language that the browser asks for."""
    return str(request.param)


@pytest.fixture(scope="module")
def say(language: str) -> Speaker:
    """Return who says texts in that language."""
    return speaker(language)


@pytest.fixture(scope="module")
def site(server: Site, language: str) -> Site:
    """Return a running example project in which nothing has happened yet."""
    server.begin_anew()
    return server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a browser."""
    executable = os.environ.get("SCIM_CHROMIUM") or shutil.which("chromium")
    assert executable, "Install Chromium, or name it in SCIM_CHROMIUM."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def stranger(site: Site, browser: Browser, language: str) -> Iterator[BrowserContext]:
    """Return a window in which nobody is logged in."""
    opened = browser.new_context(base_url=site.origin, viewport=FIRST.size, locale=language)
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def window(stranger: BrowserContext) -> BrowserContext:
    """Return a window in which the superuser is logged in."""
    page = stranger.new_page()
    page.goto("/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#user-tools")
    page.close()
    return stranger


@pytest.fixture(scope="module")
def album(
    say: Speaker, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Looker:
    """Return what keeps screenshots, in a folder of the language and the walk."""
    kept = os.environ.get("SCIM_SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    walk = request.module.__name__.rpartition(".test_")[2].removesuffix("_in_a_browser")
    folder = folder / say.language / walk
    folder.mkdir(parents=True, exist_ok=True)
    own = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
    axe = Path(os.environ.get("SCIM_AXE_CORE") or own)
    assert axe.is_file(), f"Run npm install in {FOLDER}, or name axe.min.js in SCIM_AXE_CORE."
    english = None if say.language == "en" else left_english(say.language)
    return Looker(folder, axe.read_text(), say.language, english)


@pytest.fixture
def looker(album: Looker) -> Iterator[Looker]:
    """Return what looks at pages; a walk goes on to its end before what is wrong fails it."""
    yield album
    faults, album.faults = album.faults, []
    assert not faults, "\n".join([f"{len(faults)} faults:", *faults])
