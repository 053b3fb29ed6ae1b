"""The admin in a real browser: what the person does who connects an identity provider."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker
from tests.browser.walking import (
    CONNECTIONS,
    choose,
    connect,
    follow,
    open_connection,
    send,
    status,
    tool,
)
from tests.scim_client import CORE

LANGUAGES = ("en",)
"""The walks that an administrator goes each week are in the other languages as well."""


def number(text: str, heading: str) -> int:
    """Return the number under a heading of the health page."""
    found = re.search(rf"^{heading}\n+(\d+)$", text, re.MULTILINE)
    assert found is not None, text
    return int(found.group(1))


def test_connecting_an_identity_provider(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.new_page()

    # A new connection shows its token once, with the fields of the vendor.
    page.goto(f"{CONNECTIONS}add/")
    looker.glance(page, "new-connection")
    page.fill("#id_provider_id", "okta-acme")
    page.fill("#id_name", "Acme")
    page.select_option("#id_profile", "okta")
    follow(page, "input[name=_save]")
    looker.glance(page, "token-shown-once")
    page.click("button[data-copies=scim-token]")
    page.wait_for_function("document.getElementById('scim-copied').textContent !== ''")
    first = str(page.evaluate("navigator.clipboard.readText()"))
    assert first == page.input_value("#scim-token")
    assert status(site, first) == 200
    page.reload()
    assert first not in page.content()

    # The health page knows nothing yet; it moves with what the identity provider does.
    open_connection(page, "okta-acme")
    looker.look(page, "connection")
    open_connection(page, "okta-acme", say("Health"))
    looker.glance(page, "health-before")
    before = page.inner_text(".scim-health")
    simulated = site.manage(
        *("scim_simulate", "okta", f"{site.origin}/scim/v2", "--token-stdin"),
        *("--users", "30", "--groups", "3", "--seed", "1"),
        text=first,
    )
    assert "Seed 1" in simulated
    page.reload()
    looker.look(page, "health-after")
    after = page.inner_text(".scim-health")
    assert number(before, say("Users")) == 0
    assert number(after, say("Users")) >= 30
    assert number(after, say("Groups")) >= 2  # one was pushed and taken back

    # A group is mapped to a Django group, and its members have it.
    site.python("from django.contrib.auth.models import Group; Group.objects.create(name='Crew')")
    page.goto("/admin/scim_provider/provisionedgroup/")
    looker.look(page, "groups")
    follow(page, "#result_list tbody th a >> nth=0")
    looker.glance(page, "group")
    member = page.get_attribute(".field-members a >> nth=0", "href")
    tool(page, say("Map this group"))
    choose(page, "django_group", "Crew")
    looker.glance(page, "mapping")
    follow(page, say.exactly("See who gains and who loses"))
    looker.glance(page, "mapping-shown")
    follow(page, say.exactly("Save and apply"))
    page.wait_for_selector("ul.messagelist")
    looker.glance(page, "mapped")
    page.goto(str(member))
    looker.glance(page, "account-with-grant")
    assert "Crew" in page.inner_text(".field-roles")

    # Rotated with an overlap, both tokens work; reloading makes no third one.
    open_connection(page, "okta-acme")
    tool(page, say("Rotate the token"))
    assert page.input_value("#id_overlap") == "24"
    page.fill("#id_overlap", "1")
    looker.look(page, "rotate")
    follow(page, "input[type=submit]")
    second = page.input_value("#scim-token")
    assert [status(site, token) for token in (first, second)] == [200, 200]
    page.reload()
    assert second not in page.content()
    assert [status(site, token) for token in (first, second)] == [200, 200]

    # An hour later the old one is dead.
    site.python(
        "from datetime import timedelta; from django.db.models import F;"
        "from django_scim_provider.models import SCIMToken;"
        "SCIMToken.objects.update(expires_at=F('expires_at') - timedelta(hours=1))"
    )
    assert [status(site, token) for token in (first, second)] == [401, 200]

    # Disabled, nobody comes in; enabled again, the token works.
    for button, expected in (("Disable", 401), ("Enable", 200)):
        open_connection(page, "okta-acme")
        tool(page, say(button))
        looker.glance(page, button.lower())
        follow(page, "input[type=submit]")
        page.wait_for_selector("ul.messagelist")
        assert status(site, second) == expected

    # Revoked, the token is dead.
    page.goto("/admin/scim_provider/scimtoken/?revoked_at__isnull=True")
    looker.look(page, "tokens")
    follow(page, "#result_list tbody th a >> nth=0")
    looker.glance(page, "token")
    tool(page, say("Revoke the token"))
    looker.glance(page, "revoke")
    follow(page, "input[type=submit]")
    page.wait_for_selector("ul.messagelist")
    assert status(site, second) == 401

    # Decommissioned, the connection is closed.
    open_connection(page, "okta-acme")
    tool(page, say("Decommission"))
    page.fill("#id_provider_id", "okta-acme")
    looker.glance(page, "decommission")
    follow(page, "input[type=submit]")
    page.wait_for_selector("ul.messagelist")
    looker.glance(page, "decommissioned")
    state = rf"{say.first('state')}:\s*{say('decommissioned')}"
    assert re.search(state, page.inner_text("#content"), re.IGNORECASE)

    # Everything that happened is told, and goes out as CSV.
    page.goto("/admin/scim_provider/provisioningevent/?provider=okta-acme")
    looker.glance(page, "events")
    with page.expect_download() as download:
        page.click("ul.object-tools >> text=CSV")
    exported = Path(download.value.path()).read_text(encoding="utf-8")
    assert "decommission" in exported
    assert "@" not in exported


def test_finding_and_repairing_drift(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    token = connect(site, "okta-drift")
    for name in ("ann", "bob", "eve"):
        person = {"userName": f"{name}@x.example", "name": {"givenName": name.title()}}
        assert send(site, token, "POST", "/Users", {"schemas": [CORE], **person})[0] == 201
    users = (
        "from example.models import User;"
        "rows = User.objects.filter(username__endswith='@x.example');"
    )
    site.python(f"{users} rows.filter(first_name='Ann').update(first_name='Anna', last_name='Ash')")
    site.python(f"{users} rows.filter(first_name='Bob').update(is_active=False)")
    page = window.new_page()

    # What differs is shown person by person; what the project closed is told apart.
    open_connection(page, "okta-drift", say("Drift"))
    looker.look(page, "drift")
    shown = page.inner_text("#content table")
    assert "Anna" in shown
    assert say("closed by the project") in shown

    # Repaired, only that is left.
    follow(page, "input[type=submit]")
    page.wait_for_selector("ul.messagelist")
    looker.look(page, "drift-repaired")
    assert "Anna" not in page.inner_text("#content table")
    assert site.python(f"{users} print(rows.filter(first_name='Ann', last_name='').count())") == "1"

    # Given back, nothing is left.
    page.check("#id_reopen")
    follow(page, "input[type=submit]")
    page.wait_for_selector("ul.messagelist")
    looker.glance(page, "no-drift")
    assert not page.query_selector("#content table")
    assert site.python(f"{users} print(rows.filter(is_active=False).count())") == "0"
