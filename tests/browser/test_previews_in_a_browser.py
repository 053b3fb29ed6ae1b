"""Map a group and see who gained; decommission with preview: light and dark, wide and narrow."""

from __future__ import annotations

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
    tool,
)
from tests.scim_client import CORE, GROUP

PEOPLE = [
    *(f"person{number:02}" for number in range(12)),
    "a-person-whose-name-is-as-long-as-names-in-directories-come",
]


def push(site: Site, provider_id: str) -> None:
    """Make a connection of an organization with people and a group."""
    site.python(
        "from organizations.models import Organization as O;"
        "O.objects.get_or_create(pk=7, defaults={'name': 'Globex', 'slug': 'globex'});"
        "from django.contrib.auth.models import Group;"
        "Group.objects.get_or_create(name='Editors')"
    )
    token = connect(site, provider_id, "--organization=7", "--profile=okta")
    ids = []
    for name in PEOPLE:
        person = {"schemas": [CORE], "userName": f"{name}@{provider_id}.example"}
        ids.append(send(site, token, "POST", "/Users", person)[1]["id"])
    for name, members in (("Engineers", ids), ("Night shift", ids[:1])):
        group = {"displayName": name, "members": [{"value": id} for id in members]}
        send(site, token, "POST", "/Groups", {"schemas": [GROUP], **group})


def test_mapping_a_group_and_seeing_who_gained(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    push(site, "globex")
    page = window.new_page()
    see, apply = say.exactly("See who gains and who loses"), say.exactly("Save and apply")

    # From the group to the form, with connection and group filled in.
    page.goto("/admin/scim_provider/provisionedgroup/?provider=globex")
    looker.look(page, "groups-to-map")
    follow(page, f"tr:has-text('Engineers') >> {say.exactly('Map this group')}")
    assert "Engineers" in page.inner_text(".field-group .select2-selection__rendered")
    choose(page, "django_group", "Editors")
    looker.look(page, "mapping-form")

    # Who gains is shown; nothing is saved yet.
    follow(page, see)
    gains = say.count("%(number)s person gains it", "%(number)s people gain it", 13)
    assert gains in page.inner_text(".scim-effects")
    looker.look(page, "mapping-preview")
    with page.expect_download() as download:
        page.click(say.exactly("All as CSV"))
    assert len(Path(download.value.path()).read_text().splitlines()) == 14
    follow(page, apply)
    gained = say.count("%(count)d person gained it", "%(count)d people gained it", 13)
    assert gained in page.inner_text(".messagelist")
    looker.look(page, "mapping-saved")

    # Another group takes its place: who loses is shown as well.
    follow(page, "#result_list tbody th a >> nth=0")
    choose(page, "group", "Night shift")
    follow(page, see)
    loses = "%(number)s person loses it", "%(number)s people lose it"
    lost = "%(count)d person lost it", "%(count)d people lost it"
    assert say.count(*loses, 12) in page.inner_text(".scim-effects")
    looker.look(page, "mapping-changed")
    follow(page, apply)
    assert say.count(*lost, 12) in page.inner_text(".messagelist")

    # A group to come waits, which is a warning; a connection is chosen first.
    page.goto("/admin/scim_provider/rolemapping/add/")
    looker.look(page, "mapping-connection")
    choose(page, "provider", "globex")
    follow(page, say.exactly("Continue"))
    page.fill("#id_group_name", "Auditors")
    page.select_option("#id_organization_role", "admin")
    follow(page, see)
    assert say("Nobody gains or loses anything.") in page.inner_text(".scim-effects")
    looker.look(page, "mapping-of-nobody")
    follow(page, apply)
    nobody = say("%(connection)s: nobody gained or lost anything.", connection="globex")
    assert nobody.partition(": ")[2] in page.inner_text(".messagelist .warning")
    looker.look(page, "mapping-waits")

    # Deleted, it is taken back from who had it.
    follow(page, "#result_list >> text='Night shift'")
    follow(page, "a.deletelink")
    assert say.count(*loses, 1) in page.inner_text("#content")
    looker.look(page, "mapping-deleted")
    follow(page, say.exactly("Delete the mapping"))
    assert say.count(*lost, 1) in page.inner_text(".messagelist")
    page.close()


def test_decommissioning_with_a_preview(
    site: Site, window: BrowserContext, say: Speaker, looker: Looker
) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    push(site, "globex-old")
    page = window.new_page()

    page.goto(f"{CONNECTIONS}add/")
    choose(page, "organization_id", "Globex (7)", "lobe")
    looker.look(page, "organization-chosen")

    page.goto("/admin/scim_provider/linkedaccount/?provider=globex-old")
    follow(page, "#result_list tbody th a >> nth=0")
    looker.look(page, "account")
    follow(page, "a.deletelink")
    looker.look(page, "account-deletion")

    touched = say.count(
        "Whom it touches: %(number)s person", "Whom it touches: %(number)s people", 13
    )
    open_connection(page, "globex-old")
    tool(page, say("Disable"))
    assert touched in page.inner_text("#content")
    looker.look(page, "disable-preview")

    open_connection(page, "globex-old")
    tool(page, say("Decommission"))
    assert say("log-in closed, sessions ended") in page.inner_text(".scim-touched")
    looker.look(page, "decommission-preview")
    red = "getComputedStyle(document.querySelector('.scim-danger')).backgroundColor"
    assert page.evaluate(red) == "rgb(186, 33, 33)"
    with page.expect_download() as download:
        page.click(say.exactly("All as CSV"))
    assert len(Path(download.value.path()).read_text().splitlines()) == 14
    page.click("button[data-copies=scim-typed]")
    page.wait_for_function("document.getElementById('scim-copied').textContent !== ''")
    page.fill("#id_provider_id", str(page.evaluate("navigator.clipboard.readText()")))
    follow(page, ".submit-row input")
    released = say.count(
        "The connection is decommissioned; %(total)d user was released.",
        "The connection is decommissioned; %(total)d users were released.",
        13,
    )
    assert released in page.inner_text(".messagelist")
    looker.look(page, "decommissioned")
    page.close()
