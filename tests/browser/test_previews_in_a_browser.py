"""Map a group and see who gained; decommission with preview: light and dark, wide and narrow."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.browser.looking import Looker
from tests.browser.site import Site
from tests.scim_client import CORE, GROUP

PEOPLE = [
    *(f"person{number:02}" for number in range(12)),
    "a-person-whose-name-is-as-long-as-names-in-directories-come",
]


def send(site: Site, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Push a resource, as the identity provider does."""
    request = urllib.request.Request(
        f"{site.origin}/scim/v2{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def choose(page: Page, field: str, text: str, typed: str = "") -> None:
    """Choose what a field finds that completes what is typed."""
    page.click(f".field-{field} .select2-selection")
    page.fill(".select2-search__field", typed or text)
    page.click(f".select2-results__option >> text='{text}'")


def push(site: Site, provider_id: str) -> None:
    """Make a connection of an organization with people and a group."""
    site.python(
        "from organizations.models import Organization as O;"
        "O.objects.get_or_create(pk=7, defaults={'name': 'Globex', 'slug': 'globex'});"
        "from django.contrib.auth.models import Group;"
        "Group.objects.get_or_create(name='Editors')"
    )
    told = site.manage("scim_generate_token", provider_id, "--organization=7", "--profile=okta")
    token = told.strip().split()[-1]
    ids = [
        send(
            site, token, "/Users", {"schemas": [CORE], "userName": f"{name}@{provider_id}.example"}
        )["id"]
        for name in PEOPLE
    ]
    for name, members in (("Engineers", ids), ("Night shift", ids[:1])):
        body = {"displayName": name, "members": [{"value": id} for id in members]}
        send(site, token, "/Groups", {"schemas": [GROUP], **body})


def test_mapping_a_group_and_seeing_who_gained(
    site: Site, window: BrowserContext, looker: Looker
) -> None:
    push(site, "globex")
    page = window.new_page()

    # From the group to the form, with connection and group filled in.
    page.goto("/admin/scim_provider/provisionedgroup/?provider=globex")
    looker.look_everywhere(page, "groups-to-map")
    page.click("tr:has-text('Engineers') >> text='Map this group'")
    assert "Engineers" in page.inner_text(".field-group .select2-selection__rendered")
    choose(page, "django_group", "Editors")
    looker.look_everywhere(page, "mapping-form")

    # Who gains is shown; nothing is saved yet.
    page.click("text='See who gains and who loses'")
    assert "13 people gain it" in page.inner_text(".scim-effects")
    looker.look_everywhere(page, "mapping-preview")
    with page.expect_download() as download:
        page.click("text='All as CSV'")
    assert len(Path(download.value.path()).read_text().splitlines()) == 14
    page.click("text='Save and apply'")
    assert "13 people gained it" in page.inner_text(".messagelist")
    looker.look_everywhere(page, "mapping-saved")

    # Another group takes its place: who loses is shown as well.
    page.click("#result_list tbody th a >> nth=0")
    choose(page, "group", "Night shift")
    page.click("text='See who gains and who loses'")
    assert "12 people lose it" in page.inner_text(".scim-effects")
    looker.look_everywhere(page, "mapping-changed")
    page.click("text='Save and apply'")
    assert "12 people lost it" in page.inner_text(".messagelist")

    # A group to come waits, which is a warning; a connection is chosen first.
    page.goto("/admin/scim_provider/groupmapping/add/")
    looker.look_everywhere(page, "mapping-connection")
    choose(page, "provider", "globex")
    page.click("text='Continue'")
    page.fill("#id_group_name", "Auditors")
    page.select_option("#id_organization_role", "admin")
    page.click("text='See who gains and who loses'")
    assert "Nobody gains or loses anything" in page.inner_text(".scim-effects")
    page.click("text='Save and apply'")
    assert "nobody gained" in page.inner_text(".messagelist .warning")
    looker.look_everywhere(page, "mapping-waits")

    # Deleted, it is taken back from who had it.
    page.click("#result_list >> text='Night shift'")
    page.click("a.deletelink")
    assert "1 person loses it" in page.inner_text("#content")
    looker.look_everywhere(page, "mapping-deleted")
    page.click("text='Delete the mapping'")
    assert "1 person lost it" in page.inner_text(".messagelist")
    page.close()


def test_decommissioning_with_a_preview(site: Site, window: BrowserContext, looker: Looker) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    push(site, "globex-old")
    page = window.new_page()

    page.goto("/admin/scim_provider/providerconnection/add/")
    choose(page, "organization_id", "Globex (7)", "lobe")
    looker.look_everywhere(page, "organization-chosen")

    page.goto("/admin/scim_provider/linkedaccount/?provider=globex-old")
    page.click("#result_list tbody th a >> nth=0")
    page.click("a.deletelink")
    looker.look_everywhere(page, "account-deletion")

    page.goto("/admin/scim_provider/providerconnection/")
    page.click("#result_list >> text='globex-old'")
    page.click("ul.object-tools >> text='Disable'")
    assert "13 people" in page.inner_text("#content")
    looker.look_everywhere(page, "disable-preview")

    page.goto("/admin/scim_provider/providerconnection/")
    page.click("#result_list >> text='globex-old'")
    page.click("ul.object-tools >> text='Decommission'")
    assert "log-in closed, sessions ended" in page.inner_text(".scim-touched")
    looker.look_everywhere(page, "decommission-preview")
    red = "getComputedStyle(document.querySelector('.scim-danger')).backgroundColor"
    assert page.evaluate(red) == "rgb(186, 33, 33)"
    with page.expect_download() as download:
        page.click("text='All as CSV'")
    assert len(Path(download.value.path()).read_text().splitlines()) == 14
    page.click("button[data-copies=scim-typed]")
    page.wait_for_function("document.getElementById('scim-copied').textContent !== ''")
    page.fill("#id_provider_id", str(page.evaluate("navigator.clipboard.readText()")))
    page.click(".submit-row input")
    assert "13 users were released" in page.inner_text(".messagelist")
    page.close()
