"""What identity providers, people and operators do in any project, from beginning to end."""

from __future__ import annotations

import re
from typing import Any

from tests.hosts.newcomer import Newcomer, commands_of_readme, readme
from tests.hosts.site import CORE, Browser, Site

ANN = "ann@example.com"
PASSWORD = "open sesame"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def install(project: Newcomer, *, organization: str = "") -> str:
    """Run what the README says, and return the token; nothing of ours is migrated by projects."""
    assert "scim_provider" not in project.manage("makemigrations").stdout
    *prepare, generate = commands_of_readme()
    assert generate[0] == "scim_generate_token"
    for command in prepare:
        project.manage(*command)
    if organization:
        code = f"from people.models import Organization as O; O.objects.create({organization})"
        project.manage("shell", "-c", code)
        generate = [*generate, "--organization", "acme"]
    return project.manage(*generate).stdout.strip()


def live(project: Newcomer, site: Site) -> None:
    """Bring somebody in by the README's last line, and let them go through everything."""
    status, ann = site.curl(readme(r"\$ (curl .*?/Users)\n").replace("\\\n", ""))
    assert status == 201, ann
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", ann["meta"]["created"])
    project.manage("shell", "-c", f"import site_views; site_views.prepare({ANN!r})")
    path = f"/Users/{ann['id']}"

    assert [found["id"] for found in site.find(ANN)] == [ann["id"]]
    assert [found["id"] for found in site.find(ANN.upper())] == [ann["id"]]
    assert site.scim("POST", "/Users", {"schemas": [CORE], "userName": ANN})[0] == 409
    _change(site, path)
    browser = _log_in_and_out(site, path)
    _group(site, path)
    admin_pages(site)
    told = project.manage("scim_status").stdout
    assert "users: 1" in told
    assert "active users: 0" in told
    drift = project.manage("scim_drift")
    assert "acme: 1 compared, 0 differ." in drift.stdout, drift.stdout
    assert site.scim("DELETE", path)[0] == 204
    assert site.scim("GET", path)[0] == 404
    assert site.find(ANN) == []
    assert browser.sign_in(ANN, PASSWORD) == 403


def _change(site: Site, path: str) -> None:
    named = {"op": "replace", "value": {"name": {"givenName": "Ann", "familyName": "Lee"}}}
    status, patched = site.patch(path, named, {"op": "add", "path": "title", "value": "Dr."})
    assert (status, patched["name"]["familyName"]) == (200, "Lee")
    body = {"schemas": [CORE], "userName": ANN, "name": {"givenName": "Anna"}, "active": True}
    status, put = site.scim("PUT", path, body)
    assert (status, put["name"], "title" in put) == (200, {"givenName": "Anna"}, False)
    since = patched["meta"]["lastModified"]
    status, changed = site.scim("GET", f"/Users?filter=meta.lastModified%20gt%20%22{since}%22")
    assert (status, changed["totalResults"]) == (200, 1)


def _log_in_and_out(site: Site, path: str) -> Browser:
    browser = Browser(site)
    assert browser.sign_in(ANN, PASSWORD) == 200
    assert browser.get("/who")[0] == 200
    status, left = site.patch(path, {"op": "replace", "path": "active", "value": False})
    assert (status, left["active"]) == (200, False)
    assert browser.get("/who")[0] == 401
    assert browser.sign_in(ANN, PASSWORD) == 403
    status, back = site.patch(path, {"op": "replace", "path": "active", "value": True})
    assert (status, back["active"]) == (200, True)
    assert browser.sign_in(ANN, PASSWORD) == 200
    assert site.patch(path, {"op": "replace", "path": "active", "value": False})[0] == 200
    return browser


def _group(site: Site, path: str) -> None:
    id = path.rpartition("/")[2]
    body: dict[str, Any] = {
        "schemas": [GROUP],
        "displayName": "Everybody",
        "members": [{"value": id}],
    }
    status, group = site.scim("POST", "/Groups", body)
    assert (status, group["members"][0]["value"]) == (201, id)
    _, ann = site.scim("GET", path)
    assert [held["display"] for held in ann["groups"]] == ["Everybody"]
    assert site.scim("DELETE", f"/Groups/{group['id']}")[0] == 204


def admin_pages(site: Site) -> None:
    """Open all lists of the app, and the pages of the connection."""
    browser = Browser(site)
    index = browser.sign_in_to_admin("root@example.com", PASSWORD)
    lists = sorted(set(re.findall(r'href="(/admin/scim_provider/\w+/)"', index)))
    assert len(lists) > 4
    for page in lists:
        assert browser.get(page)[0] == 200, page
    connections = "/admin/scim_provider/providerconnection/"
    found = re.search(rf'href="({connections}[-0-9a-f]+/)change/', browser.get(connections)[1])
    assert found is not None
    for page in ("change", "setup", "health", "drift", "generate_token"):
        status, text = browser.get(f"{found.group(1)}{page}/")
        assert status == 200, (page, text[:2000])
