"""Somebody logs in by the fake identity provider of the example, and loses access."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site, serving
from tests.browser.speaking import Speaker, exactly
from tests.browser.walking import follow, holding, send
from tests.scim_client import CORE, PATCH

LANGUAGES = ("en",)
"""The example's own pages have no other."""

TOKEN = """
from example.tenants import ACME, set_up

print(set_up("in-a-browser-only")[ACME])
"""


@pytest.fixture(scope="module")
def log_in_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running example project with its fake identity provider."""
    with serving(tmp_path_factory.mktemp("log-in"), fake_idp=True) as found:
        yield found


@pytest.fixture(scope="module")
def site(log_in_site: Site, language: str) -> Site:
    """Return it as it was at the start, for each language."""
    log_in_site.begin_anew()
    return log_in_site


def test_provisioned_person_logs_in_and_is_out_once_deactivated(
    site: Site, stranger: BrowserContext, say: Speaker, looker: Looker
) -> None:
    token = site.python(TOKEN)
    person = {"schemas": [CORE], "userName": "ann@acme.example", "externalId": "00uANN"}
    status, ann = send(site, token, "POST", "/Users", person)
    assert status == 201
    page = stranger.new_page()
    by_acme = "text='Log in by Acme'"

    page.goto("/log-in/")
    looker.look(page, "log-in")
    follow(page, by_acme)
    looker.look(page, "identity-provider")
    page.click("text='ann@acme.example'")
    page.wait_for_selector("text='The connection okta-demo vouches for you.'")
    assert "ann@acme.example" in page.inner_text("main strong")
    looker.look(page, "you")

    operation = {"op": "replace", "path": "active", "value": False}
    body = {"schemas": [PATCH], "Operations": [operation]}
    assert send(site, token, "PATCH", f"/Users/{ann['id']}", body)[0] == 200
    page.reload()
    deactivated = holding(say("Your organization has deactivated your account."))
    page.wait_for_selector(deactivated)
    looker.look(page, "deactivated")

    nobody = holding(say("Your organization has not set up an account for you here."))
    for name, told in (
        ("ann@acme.example", deactivated),
        ("Somebody whom nobody provisioned", nobody),
    ):
        page.goto("/log-in/")
        follow(page, by_acme)
        page.click(exactly(name))
        page.wait_for_selector(told)
    page.close()
