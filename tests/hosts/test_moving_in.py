"""Projects that move in from other packages, which their identity providers do not notice.

Both packages are the real ones, filled through their own endpoints. One connection is imported
while the package is there, the other one after it is gone. ``benchmarks moving-in`` does the same
with 10,000 people.
"""

from __future__ import annotations

import re

import pytest

from tests.hosts.life import install
from tests.hosts.moving import begin_elsewhere, go_on, names_of, stored, teams_of
from tests.hosts.newcomer import Begin
from tests.hosts.packages import PACKAGES

PROVIDERS = ("okta", "entra")


@pytest.mark.parametrize("name", PACKAGES)
def test_project_moves_in_from_a_package(name: str, begin: Begin) -> None:
    package, project = PACKAGES[name], begin(name)
    install(project)
    tokens = {
        name: project.manage("scim_generate_token", name, "--profile", name).stdout.strip()
        for name in PROVIDERS
    }
    with project.serving() as site:
        old = f"{site.url}/old/scim/v2"
        sessions = {name: begin_elsewhere(name, old) for name in PROVIDERS}
    project.manage("shell", "-v", "0", "-c", package.make_boss)

    okta, entra = map(package.arguments, PROVIDERS)
    dry = project.manage(*okta, "--dry-run").stdout
    assert "users: 12 would be imported, 0 there already, 1 skipped." in dry
    assert "groups: 3 would be imported, 0 there already, 0 skipped." in dry
    assert stored(project, "okta") == {"people": {}, "made": 0, "groups": {}}
    # The first may be the boss, who is skipped: the rows of one package have random keys.
    project.killed(*okta, "--batch-size", "1", at=b" 2 of 13 users")
    told = project.manage(*okta).stdout
    counted = re.search(r"users: (\d+) imported, (\d+) there already, 1 skipped\.", told)
    assert counted is not None, told
    imported, there = map(int, counted.groups())
    assert there > 0
    assert imported + there == 12
    assert "protected, such as staff" in told
    package.uninstall(project)
    project.manage(*entra, *package.left)

    for name, session in sessions.items():
        found = stored(project, name)
        wanted = {"people": names_of(session), "made": 0, "groups": teams_of(session)}
        assert found == wanted, name
    with project.serving() as site:
        url = f"{site.url}/scim/v2"
        for name, session in sessions.items():
            assert go_on(name, session, url, tokens[name]) == []
