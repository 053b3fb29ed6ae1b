"""Projects as their owners have them, set up by the README and driven from outside.

``tests/projects`` runs parts of the suite inside of other settings; here nothing is the suite's.
"""

from __future__ import annotations

from typing import Any

from tests.hosts.life import ANN, install, live
from tests.hosts.newcomer import Begin, Newcomer
from tests.hosts.site import CORE


def test_project_without_time_zones(begin: Begin) -> None:
    project = begin("no_time_zones")
    token = install(project)

    with project.serving() as site:
        site.token = token
        live(project, site)


def test_project_whose_users_have_required_fields(begin: Begin) -> None:
    project = begin("required_fields")
    project.manage("makemigrations")
    project.manage("migrate")
    token = project.manage("scim_generate_token", "acme").stdout.strip()
    with project.serving(warned=True) as site:
        site.token = token
        refused = site.scim("POST", "/Users", {"schemas": [CORE], "userName": ANN})
        told = (project.folder / "server.log").read_text()
    project.add_settings('SCIM_PROVIDER = {"ADAPTER": "people.scim.Adapter"}')
    token = install(project)

    assert "people.Person needs values for birth, badge, and nobody gives them one" in told
    assert "def user_fields(self, resource):" in told
    assert refused[0] == 503
    assert "needs a value for 'birth'" in refused[1]["detail"]
    with project.serving() as site:
        site.token = token
        people = ["a person with a long name 1@x.example", "a person with a long name 2@x.example"]
        made = [site.scim("POST", "/Users", {"schemas": [CORE], "userName": n}) for n in people]
        assert [status for status, _ in made] == [201, 409]
        assert made[1][1]["detail"] == "badge is already in use."
        assert site.scim("DELETE", f"/Users/{made[0][1]['id']}")[0] == 204
        live(project, site)


def test_project_whose_users_have_an_address_only(begin: Begin) -> None:
    project = begin("email_only")
    token = install(project)

    with project.serving() as site:
        site.token = token
        live(project, site)


def test_project_that_records_who_did_what(begin: Begin) -> None:
    project = begin("audited")
    token = install(project)

    with project.serving() as site:
        site.token = token
        live(project, site)
    code = (
        "from auditlog.models import LogEntry\n"
        "from people.models import Person\n"
        "from reversion.models import Revision\n"
        f"seen = Person.history.filter(username={ANN!r})\n"
        f"others = seen.exclude(history_user=None).exclude(history_user__username={ANN!r})\n"
        "print(LogEntry.objects.count() > 3, Revision.objects.exists())\n"
        "print({each.history_type for each in seen} == {'+', '~'}, others.exists())"
    )
    told = project.manage("shell", "-v", "0", "-c", code).stdout.split()
    assert told == ["True", "True", "True", "False"]


def test_project_with_companies_and_roles_of_its_own(begin: Begin) -> None:
    project = begin("own_organizations")
    token = install(project, organization="slug='acme'")

    with project.serving() as site:
        site.token = token
        live(project, site)
        status, bob = site.scim(
            "POST", "/Users", {"schemas": [CORE], "userName": "bob@example.com"}
        )
        assert status == 201, bob
        found = _members(project)
        site.patch(f"/Users/{bob['id']}", {"op": "replace", "path": "active", "value": False})
        assert found == ["bob@example.com E True"]
        assert _members(project) == ["bob@example.com E False"]


def _members(project: Newcomer) -> Any:
    code = (
        "from people.models import Membership as M\n"
        "for m in M.objects.all(): print(m.person, m.kind, m.valid)"
    )
    return project.manage("shell", "-v", "0", "-c", code).stdout.splitlines()
