"""The packages that projects move in from: how their people are told apart, and how they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.hosts.newcomer import Newcomer

BOSS = "boss@okta1.example.com"
"""Somebody of the first provider's who is staff, and so stays out."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """One of them, in the project of the same name below ``projects``."""

    name: str
    app: str
    """Of the project: it has ``querysets`` and ``filling``."""
    make_boss: str
    """Source, run in the project."""
    uninstall: Callable[[Newcomer], None]
    left: tuple[str, ...] = ()
    """What the command has to be told once the package is gone."""

    def arguments(self, provider: str) -> tuple[str, ...]:
        """Return what imports the people and groups of one provider."""
        querysets = f"{self.app}.querysets"
        return (
            *(f"scim_import_{self.name}", provider),
            *("--queryset", f"{querysets}.people_of_{provider}"),
            *("--group-queryset", f"{querysets}.teams_of_{provider}"),
        )


def _leave(project: Newcomer, app: str, door: str, *settings: str) -> None:
    """Take the package out of the project, and out of reach."""
    lines = [f"INSTALLED_APPS.remove({app!r})", f"MIDDLEWARE.remove({door!r})", *settings]
    project.add_settings("\n".join(lines))
    urls = project.folder / "shop/urls.py"
    kept = [line for line in urls.read_text().splitlines() if "old/scim" not in line]
    urls.write_text("\n".join([*kept, ""]))
    (project.folder / f"{app}.py").write_text("raise ImportError('it is gone')\n")


def _without_django_scim2(project: Newcomer) -> None:
    _leave(project, "django_scim", "people.scim.Door", "SCIM_SERVICE_PROVIDER = {}")
    models = project.folder / "people/models.py"
    text = models.read_text().replace("AbstractSCIMUserMixin, AbstractUser", "AbstractUser")
    text = text.replace("AbstractSCIMGroupMixin, models.Model", "models.Model")
    models.write_text(text.replace("from django_scim.models", "# from django_scim.models"))


def _without_django_scim2_server(project: Newcomer) -> None:
    _leave(project, "django_scim2_server", "door.token.Door")


PACKAGES = {
    package.name: package
    for package in (
        Package(
            name="django_scim2",
            app="people",
            make_boss=(
                f"from people.models import Person; "
                f"Person.objects.create_user({BOSS!r}, is_staff=True)"
            ),
            uninstall=_without_django_scim2,
            left=("--group-model", "people.Team"),
        ),
        Package(
            name="django_scim2_server",
            app="door",
            make_boss=(
                "from django_scim2_server.models import SCIMUser\n"
                "from django.contrib.auth.models import User\n"
                f"user = User.objects.create_user({BOSS!r}, is_staff=True)\n"
                f"SCIMUser.objects.create(user=user, scim_username={BOSS!r})"
            ),
            uninstall=_without_django_scim2_server,
        ),
    )
}
