"""Reading what happened: the list of events, one event, a person's timeline and a group's."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.browser.speaking import Speaker
from tests.browser.walking import connect, follow, send
from tests.scim_client import CORE, GROUP, PATCH

LANGUAGES = ("en",)
"""The walks that an administrator goes each week are in the other languages as well."""


EVENTS = "/admin/scim_provider/provisioningevent/"


def patch(site: Site, token: str, path: str, *operations: dict[str, Any]) -> None:
    """Change a resource as an identity provider does."""
    send(site, token, "PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


def a_year(site: Site) -> str:
    """Let much happen to somebody, and return the token."""
    token = connect(site, "okta-time", "--profile=okta", "--name=Acme")
    site.python(
        "from django.contrib.auth.models import Group;"
        "from django_scim_provider.models import RoleMapping as M;"
        "g=Group.objects.create(name='Reviewers');"
        "M.objects.create(provider_id='okta-time',match_by='displayName',value='Engineering',"
        "django_group=g)"
    )
    ids = []
    for name in ("ann@x.example", "bob@x.example", "eve@x.example"):
        body = {"schemas": [CORE], "userName": name, "externalId": f"00u-{name}"}
        ids.append(send(site, token, "POST", "/Users", body)[1]["id"])
    members = [{"value": id} for id in ids]
    team: dict[str, Any] = {"schemas": [GROUP], "displayName": "Engineering"}
    _, group = send(site, token, "POST", "/Groups", {**team, "members": members[:2]})
    patch(site, token, f"/Users/{ids[0]}", {"op": "add", "path": "title", "value": "Lead"})
    path = f"/Groups/{group['id']}"
    patch(site, token, path, {"op": "remove", "path": "members", "value": members[:1]})
    patch(site, token, path, {"op": "add", "path": "members", "value": members[2:]})
    patch(site, token, f"/Users/{ids[0]}", {"op": "replace", "path": "active", "value": False})
    send(site, token, "POST", "/Users", {"schemas": [CORE], "userName": "bob@x.example"})
    send(site, token, "DELETE", f"/Users/{ids[2]}")
    return token


def test_what_happened_can_be_read(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    a_year(site)
    page = window.new_page()
    page.goto(f"{EVENTS}?provider=okta-time")
    looker.look(page, "events")
    rows = page.locator("#result_list tbody tr")
    assert say("deleted person %s").partition(" %s")[0] in rows.nth(0).inner_text()
    assert "Okta" in rows.nth(0).inner_text()
    tallest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#result_list tbody tr')]"
        ".map((row) => row.offsetHeight))"
    )
    assert tallest < 50  # one line each
    page.goto(EVENTS)
    looker.look(page, "events-of-all")
    page.goto(f"{EVENTS}?provider=okta-time")

    # A short id opens to the whole one, and says that it is copied.
    page.locator(".scim-id > summary").nth(0).click()
    page.wait_for_function("document.querySelector('#scim-id-copied')?.textContent")
    assert len(page.locator(".scim-id[open] .scim-whole-id").inner_text()) > 30
    looker.glance(page, "events-copied")

    # A name finds the person, whose page leads to the timeline.
    page.fill("#searchbar", "ann@x.example")
    follow(page, "#changelist-search input[type=submit]")
    assert page.locator("#result_list tbody tr").count() >= 3
    looker.glance(page, "events-found")
    follow(page, "#result_list tbody tr >> nth=0 >> .field-what a")
    looker.look(page, "event")
    follow(page, ".field-who a")
    looker.look(page, "account")
    follow(page, ".object-tools .historylink")
    looker.look(page, "timeline-person")
    told = page.inner_text(".scim-timeline")
    role = say("the Django group %s") % "Reviewers"
    for text in (
        say("Deactivated"),
        say("Left the group {group}").format(group="Engineering"),
        say("Lost {role}, as nothing stands for it any more").format(role=role),
        say("Got {role} through the group {group}").format(role=role, group="Engineering"),
    ):
        assert text in told, told

    follow(page, ".scim-timeline >> text=Engineering >> nth=0")
    looker.look(page, "group")
    follow(page, say.exactly("Whole timeline"))
    looker.look(page, "timeline-group")
    joined = say.count("{n} member joined{names}", "{n} members joined{names}", 2)
    assert joined.format(n=2, names="") in page.inner_text(".scim-timeline")

    # A day without events says what to do, and leads on.
    page.goto(f"{EVENTS}?provider=okta-time&day=2020-02-03")
    looker.look(page, "events-none")
    follow(page, say.exactly("All days"))
    assert page.locator("#result_list tbody tr").count() > 5
    page.close()
