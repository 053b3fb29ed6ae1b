"""The page on MongoDB, done by what it says: a project is made of its blocks and its commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.documentation.blocks import FOUND, ON_MONGODB
from tests.mongodb.starting import ROOT

BLOCKS = [block for block in FOUND if block.page == ON_MONGODB]
FILES = {
    block.text.partition("\n")[0].removeprefix("# "): block.text
    for block in BLOCKS
    if block.language == "python"
}
COMMANDS = next(block.text for block in BLOCKS if "makemigrations" in block.text)
HOST = '"mongodb://db.example.com/?replicaSet=rs0"'
ROUTES = """
from django.contrib import admin
from django.urls import include, path
urlpatterns = [
    path("admin/", admin.site.urls),
    path("scim/v2/", include("django_scim_provider.urls")),
]
"""


@pytest.mark.django_db
def test_project_is_made_by_the_page(tmp_path: Path) -> None:
    name = f"scim_page_{os.getpid()}"
    _start(tmp_path, name)

    try:
        told = [_run(tmp_path, *line.split()[2:]) for line in _typed()]
        told += [_run(tmp_path, "manage.py", "scim_generate_token", "acme")]
    finally:
        client: Any = connection.connection
        client.drop_database(name)

    assert "Create model User" in told[0]
    assert "Applying scim_provider.0001_initial... OK" in told[1]
    assert "no issues (3 silenced)" in told[2]


def _typed() -> list[str]:
    return [line.strip() for line in COMMANDS.splitlines() if line.strip().startswith("$ python")]


def _start(folder: Path, database: str) -> None:
    """Make what ``startproject`` makes, and the files and the packages of the page."""
    _run(folder, "-m", "django", "startproject", "corp", ".")
    settings = folder / "corp" / "settings.py"
    own = FILES["settings.py"]
    assert HOST in own
    own = own.replace(HOST, repr(connection.settings_dict["HOST"]))
    own = own.replace('"NAME": "corp"', f'"NAME": "{database}"')
    settings.write_text(f"{settings.read_text()}\n{own}")
    (folder / "corp" / "mongo_apps.py").write_text(FILES["corp/mongo_apps.py"])
    (folder / "corp" / "urls.py").write_text(ROUTES)
    for package in ("", "admin", "auth", "contenttypes"):
        made = folder / "mongo_migrations" / package
        made.mkdir()
        (made / "__init__.py").touch()


def _run(folder: Path, *arguments: str) -> str:
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**own, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr
