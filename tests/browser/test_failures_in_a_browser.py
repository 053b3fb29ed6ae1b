"""Finding out why somebody has no account, and mending it by a button."""

from __future__ import annotations

import json
import urllib.request
from typing import Any, Literal
from urllib.error import HTTPError

from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import WIDE
from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.scim_client import CORE, PATCH

NARROW = {"width": 390, "height": 844}


def send(site: Site, token: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Send a request as an identity provider does, and return status and body."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    data = None if body is None else json.dumps(body).encode()
    url = f"{site.origin}/scim/v2{path}"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status), json.loads(answer.read() or b"null")
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_person_who_fails_is_found_and_mended(
    site: Site, window: BrowserContext, browser: Browser, looker: Looker
) -> None:
    told = site.manage("scim_generate_token", "okta-failing", "--profile=okta", "--name=Acme")
    token = told.strip().split()[-1]
    site.python(
        "from django.contrib.auth import get_user_model as m;"
        "m().objects.create_user('bob', email='bob@x.example')"
    )

    def post(name: str, **more: Any) -> tuple[int, Any]:
        return send(site, token, "POST", "/Users", {"schemas": [CORE], "userName": name, **more})

    _, ann = post("ann@x.example", externalId="before")
    away = {"op": "replace", "path": "active", "value": False}
    send(site, token, "PATCH", f"/Users/{ann['id']}", {"schemas": [PATCH], "Operations": [away]})
    for _ in range(3):
        assert post("ann@x.example", externalId="after")[0] == 409
    two = [{"value": f"{name}@x.example", "primary": True} for name in ("joe", "j")]
    assert post("joe@x.example", externalId="00u7", emails=two)[0] == 400
    assert post("bob.lee", emails=[{"value": "bob@x.example", "primary": True}])[0] == 409
    assert post("a-name-that-is-as-long-as-they-come" * 8, externalId="00u8")[0] == 400

    page = window.new_page()
    page.goto("/admin/scim_provider/providerconnection/")
    page.click("#result_list >> text='okta-failing'")
    page.click(".scim-console >> text=Failures")
    looker.look(page, "failures-open")
    assert page.locator(".scim-failures > li").count() == 4

    # The same in the dark and on a telephone.
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
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
            looker.look(other, f"failures-{theme}-{size['width']}")
            wide = other.evaluate("document.querySelector('.scim-page').scrollWidth")
            assert wide <= size["width"]
            opened.close()

    # Somebody who is known under another externalId comes back with the next attempt.
    page.fill("#scim-q", "ANN@x.example")
    page.click(".scim-narrow input[type=submit]")
    assert page.locator(".scim-failures > li").count() == 1
    page.click("text=Bring back…")
    looker.look(page, "bring-back")
    page.click(".submit-row input")
    assert "They come back the next time" in page.inner_text(".messagelist")
    assert post("ann@x.example", externalId="after")[0] == 200
    page.reload()
    assert page.locator(".scim-failures > li").count() == 0
    page.click(".scim-tabs >> text=Done")
    looker.look(page, "failures-done")
    assert page.locator(".scim-failures > li").count() == 1

    # A line is ignored, and reopened.
    page.goto(page.url.split("?")[0])
    page.click(".scim-failures > li >> nth=0 >> text=Ignore")
    page.click(".scim-tabs >> text=Ignored")
    looker.look(page, "failures-ignored")
    page.click("text=Reopen")
    page.click(".scim-tabs >> text=Open")
    assert page.locator(".scim-failures > li").count() == 3
