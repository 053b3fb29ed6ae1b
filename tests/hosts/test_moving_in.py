"""Projects that move in from other packages, which their identity providers do not notice.

Both packages are the real ones, filled through their own endpoints. One connection is imported
while the package is there, the other one after it is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tests.hosts.life import install
from tests.hosts.moving import begin_elsewhere, go_on, names_of, stored, teams_of
from tests.hosts.newcomer import Begin, Newcomer

BOSS = "boss@okta1.example.com"
PROVIDERS = ("okta", "entra")


def test_project_with_django_scim2(begin: Begin) -> None:
    project = begin("django_scim2")

    def uninstall() -> None:
        leave(project, "django_scim", "people.scim.Door", "SCIM_SERVICE_PROVIDER = {}")
        models = project.folder / "people/models.py"
        text = models.read_text().replace("AbstractSCIMUserMixin, AbstractUser", "AbstractUser")
        text = text.replace("AbstractSCIMGroupMixin, models.Model", "models.Model")
        models.write_text(text.replace("from django_scim.models", "# from django_scim.models"))

    boss = f"from people.models import Person as P; P.objects.create_user({BOSS!r}, is_staff=True)"
    left = ("--group-model", "people.Team")
    move(project, "scim_import_django_scim2", "people.querysets", boss, uninstall, left)


def test_project_with_django_scim2_server(begin: Begin) -> None:
    project = begin("django_scim2_server")

    def uninstall() -> None:
        leave(project, "django_scim2_server", "door.token.Door")

    boss = (
        "from django_scim2_server.models import SCIMUser\n"
        "from django.contrib.auth.models import User\n"
        f"user = User.objects.create_user({BOSS!r}, is_staff=True)\n"
        f"SCIMUser.objects.create(user=user, scim_username={BOSS!r})"
    )
    move(project, "scim_import_django_scim2_server", "door.querysets", boss, uninstall)


def move(
    project: Newcomer,
    command: str,
    querysets: str,
    boss: str,
    uninstall: Callable[[], None],
    left: Sequence[str] = (),
) -> None:
    """Fill the package by two identity providers, import both, and let them go on here."""
    install(project)
    tokens = {
        name: project.manage("scim_generate_token", name, "--profile", name).stdout.strip()
        for name in PROVIDERS
    }
    with project.serving() as site:
        old = f"{site.url}/old/scim/v2"
        sessions = {name: begin_elsewhere(name, old) for name in PROVIDERS}
    project.manage("shell", "-v", "0", "-c", boss)

    okta, entra = (
        (
            *(command, name, "--queryset", f"{querysets}.people_of_{name}"),
            *("--group-queryset", f"{querysets}.teams_of_{name}"),
        )
        for name in PROVIDERS
    )
    dry = project.manage(*okta, "--dry-run").stdout
    assert "users: 12 would be imported, 0 there already, 1 skipped." in dry
    assert "groups: 3 would be imported, 0 there already, 0 skipped." in dry
    assert stored(project, "okta") == {"people": {}, "made": 0, "groups": {}}
    project.killed(*okta, "--batch-size", "1", at=b" users")
    told = project.manage(*okta).stdout
    counted = re.search(r"users: (\d+) imported, (\d+) there already, 1 skipped\.", told)
    assert counted is not None, told
    imported, there = map(int, counted.groups())
    assert there > 0
    assert imported + there == 12
    assert "protected, such as staff" in told
    uninstall()
    project.manage(*entra, *left)

    for name, session in sessions.items():
        found = stored(project, name)
        wanted = {"people": names_of(session), "made": 0, "groups": teams_of(session)}
        assert found == wanted, name
    with project.serving() as site:
        url = f"{site.url}/scim/v2"
        for name, session in sessions.items():
            assert go_on(name, session, url, tokens[name]) == []


def leave(project: Newcomer, app: str, door: str, *settings: str) -> None:
    """Take the package out of the project, and out of reach."""
    lines = [f"INSTALLED_APPS.remove({app!r})", f"MIDDLEWARE.remove({door!r})", *settings]
    project.add_settings("\n".join(lines))
    urls = project.folder / "shop/urls.py"
    kept = [line for line in urls.read_text().splitlines() if "old/scim" not in line]
    urls.write_text("\n".join([*kept, ""]))
    (project.folder / f"{app}.py").write_text("raise ImportError('it is gone')\n")
