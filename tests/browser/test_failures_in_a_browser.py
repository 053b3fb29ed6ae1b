"""Finding out why somebody has no account, and mending it by a button."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker
from tests.browser.walking import connect, follow, holding, open_connection, send
from tests.scim_client import CORE, PATCH

LINES = ".scim-failures > li"


def test_person_who_fails_is_found_and_mended(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    token = connect(site, "okta-failing", "--profile=okta", "--name=Acme")
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
    open_connection(page, "okta-failing", say("Failures"))
    looker.look(page, "open")
    assert page.locator(LINES).count() == 4

    # Somebody who is known under another externalId comes back with the next attempt.
    page.fill("#scim-q", "ANN@x.example")
    follow(page, ".scim-narrow input[type=submit]")
    assert page.locator(LINES).count() == 1
    follow(page, f".scim-acts >> {holding(say('Bring back'))}")
    looker.look(page, "bring-back")
    follow(page, ".submit-row input")
    told = say("They come back the next time that the identity provider sends them.")
    assert told in page.inner_text(".messagelist")
    looker.look(page, "brought-back")
    assert post("ann@x.example", externalId="after")[0] == 200
    page.reload()
    assert page.locator(LINES).count() == 0
    follow(page, ".scim-tabs a[href*='state=done']")
    looker.look(page, "done")
    assert page.locator(LINES).count() == 1

    # A line is ignored, and reopened.
    page.goto(page.url.split("?")[0])
    follow(page, f"{LINES} >> nth=0 >> {say.exactly('Ignore')}")
    follow(page, ".scim-tabs a[href*='state=ignored']")
    looker.look(page, "ignored")
    follow(page, say.exactly("Reopen"))
    follow(page, ".scim-tabs a[href*='state=open']")
    assert page.locator(LINES).count() == 3
    page.close()
