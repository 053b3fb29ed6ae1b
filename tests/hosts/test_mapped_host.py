"""A project that maps twelve attributes by a setting, driven from outside."""

from __future__ import annotations

import json
from typing import Any

from tests.hosts.life import install
from tests.hosts.newcomer import Begin, Newcomer
from tests.hosts.site import CORE

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PAT = {
    "title": "Chief",
    "nickName": "Pat",
    "userType": "Guest",
    "preferredLanguage": "de",
    "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}],
    "ims": [{"type": "xmpp", "value": "pat"}],
    "addresses": [{"type": "work", "locality": "Berlin"}],
    "profileUrl": "https://x.example/pat",
    ENTERPRISE: {"employeeNumber": "7", "department": "IT", "costCenter": "c1"},
}
HELD = ["Chief", "Pat", "G", "de", "1", "2", 7, PAT["ims"], "IT", "c1", "Berlin", PAT["profileUrl"]]
NOW = ["CEO", "P.", "E", "fr", "3", "4", 8, [], "HR", "c2", "Bonn", "https://x.example/p"]
PEOPLE = (
    "import json\nfrom people.models import Person, Profile\n"
    "of_person = 'job_title nick_name kind language phone mobile number chats'.split()\n"
    "of_profile = 'department cost_center city web_site'.split()\n"
    "people = Person.objects.filter(username='pat')\n"
    "rows = Profile.objects.filter(person__username='pat')\n"
)


def test_project_that_maps_twelve_attributes(begin: Begin) -> None:
    project = begin("mapped")
    token = install(project)

    with project.serving() as site:
        site.token = token
        body = {"schemas": [CORE, ENTERPRISE], "userName": "pat", **PAT}
        status, made = site.scim("POST", "/Users", body)
        assert status == 201, made
        written = _changed_by_the_project(project)
        _, read = site.scim("GET", f"/Users/{made['id']}")
        status, patched = site.patch(
            f"/Users/{made['id']}", {"op": "add", "path": "title", "value": "Dr."}
        )
        drift = project.manage("scim_drift").stdout
        (found,) = site.find("pat")
    checked = project.manage("scim_selfcheck").stdout

    assert _values(made) == HELD
    assert written == HELD
    assert _values(read) == NOW
    assert (status, _values(patched)) == (200, ["Dr.", *NOW[1:]])
    assert _values(found) == _values(patched)
    assert "acme: 1 compared, 0 differ." in drift
    assert "0 failed, 0 skipped. Nothing of it stays." in checked


def _changed_by_the_project(project: Newcomer) -> Any:
    """Return what fields hold, once the project has given them other values."""
    code = (
        f"{PEOPLE}print(json.dumps([*people.values_list(*of_person)[0],"
        " *rows.values_list(*of_profile)[0]]))\n"
        f"now = {NOW!r}\n"
        "people.update(**dict(zip(of_person, now)))\n"
        "rows.update(**dict(zip(of_profile, now[8:])))"
    )
    return json.loads(project.manage("shell", "-v", "0", "-c", code).stdout)


def _values(resource: dict[str, Any]) -> list[Any]:
    """Return the twelve in the order of the fields, codes as the project has them."""
    phones = {each["type"]: each["value"] for each in resource["phoneNumbers"]}
    more = resource[ENTERPRISE]
    names = ("title", "nickName", "userType", "preferredLanguage")
    title, nick, kind, language = (resource[name] for name in names)
    return [
        *(title, nick, kind[0], language, phones["work"], phones["mobile"]),
        *(int(more["employeeNumber"]), resource.get("ims", []), more["department"]),
        *(more["costCenter"], resource["addresses"][0]["locality"], resource["profileUrl"]),
    ]
