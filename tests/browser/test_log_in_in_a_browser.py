"""Somebody logs in by the fake identity provider of the example, and loses access."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import WIDE
from tests.browser.looking import Looker
from tests.browser.site import Site, serving
from tests.browser.test_failures_in_a_browser import send
from tests.scim_client import CORE, PATCH

TOKEN = """
from example.tenants import ACME, set_up
print(set_up("in-a-browser-only")[ACME])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running example project with its fake identity provider."""
    with serving(tmp_path_factory.mktemp("site"), fake_idp=True) as found:
        yield found


def test_provisioned_person_logs_in_and_is_out_once_deactivated(
    site: Site, browser: Browser, looker: Looker
) -> None:
    token = site.python(TOKEN)
    person = {"schemas": [CORE], "userName": "ann@acme.example", "externalId": "00uANN"}
    status, ann = send(site, token, "POST", "/Users", person)
    assert status == 201
    opened = browser.new_context(base_url=site.origin, viewport=WIDE)  # type: ignore[arg-type]  # a dict will do
    opened.set_default_timeout(15_000)
    page = opened.new_page()

    page.goto("/log-in/")
    looker.look_everywhere(page, "log-in")
    page.click("text='Log in by Acme'")
    looker.look_everywhere(page, "log-in-identity-provider")
    page.click("text='ann@acme.example'")
    page.wait_for_selector("text='The connection okta-demo vouches for you.'")
    assert "You are logged in as ann@acme.example." in page.inner_text("main")
    looker.look_everywhere(page, "log-in-you")

    operation = {"op": "replace", "path": "active", "value": False}
    body = {"schemas": [PATCH], "Operations": [operation]}
    assert send(site, token, "PATCH", f"/Users/{ann['id']}", body)[0] == 200
    page.reload()
    page.wait_for_selector("text=Your organization has deactivated your account.")
    looker.look_everywhere(page, "log-in-deactivated")

    for name, told in (
        ("ann@acme.example", "has deactivated your account"),
        ("Somebody whom nobody provisioned", "has not set up an account for you"),
    ):
        page.goto("/log-in/")
        page.click("text='Log in by Acme'")
        page.click(f"text='{name}'")
        page.wait_for_selector(f"text={told}")
    opened.close()
