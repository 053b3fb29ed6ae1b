"""Commands of the pages are run, page by page, on a deployment that has what they name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.connections.instructions import INSTRUCTIONS
from tests.documentation.blocks import DOCS, ROOT, commands
from tests.documentation.command_blocks.pieces import PIECES, alike
from tests.documentation.command_blocks.reasons import NOT_RUN
from tests.documentation.command_blocks.terminal import Terminal
from tests.documentation.vendor_blocks import made_for
from tests.factories import make_token
from tests.people import make_organization, make_user
from tests.scim_client import SCIMTestClient

OF_THE_PROJECT = (
    "python manage.py check",
    "python manage.py makemigrations",
    "python manage.py migrate",
    "python manage.py scim_index_users",
)
"""What changes tables, or looks at a whole project: done on one that has nothing else."""
TYPED = [piece for piece in PIECES if piece.is_command and piece.key not in NOT_RUN]
OF_PAGES = [piece for piece in TYPED if not piece.text.startswith(OF_THE_PROJECT)]
PAGES = sorted({piece.page for piece in OF_PAGES})
CONNECTIONS = {"acme", "corp-okta"}
"""What pages call connections that are there already."""
IN_ONE_PROCESS = """
import json, sys, django
from django.conf import settings
from django.core.management import call_command
given = json.load(sys.stdin)
settings.configure(**given["settings"])
django.setup()
for words in given["commands"]:
    call_command(*words, stdout=sys.stderr)
"""
PROJECT = {
    "ALLOWED_HOSTS": ["app.example.com"],
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}},
    "INSTALLED_APPS": [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "django_scim_provider",
    ],
    "ROOT_URLCONF": "django_scim_provider.urls",
    "SECRET_KEY": "a key of a test that is long enough for those who count its characters",
    "USE_TZ": True,
}


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_server: Any) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, monkeypatch, live_server.url)


def drift() -> None:
    """Let the project change two of the people whom an identity provider has described."""
    client = SCIMTestClient(make_token())
    for name in ("eve", "fay"):
        address = {"value": f"{name}@corp.example", "primary": True}
        client.create_user(name, name={"givenName": name}, emails=[address])
    users = get_user_model()._default_manager
    users.filter(username="eve").update(first_name="Eva", email="eva@corp.example")
    users.filter(username="fay").update(is_active=False)


DONE_BEFORE = {"docs/how-to/find-and-repair-drift.rst": drift}
"""What has happened in the project of a page."""


def prepare(page: str, terminal: Terminal) -> None:
    """Make what the commands of a page name."""
    typed = " ".join(piece.text for piece in OF_PAGES if piece.page == page)
    make_organization("42")
    for name in ("ann@corp.example", "bob@corp.example"):
        make_user(name)
    for provider_id in CONNECTIONS:
        if f"scim_generate_token {provider_id}" not in typed:
            make_token(provider_id=provider_id)
    token = make_token(provider_id="deployed")
    (terminal.folder / "token.txt").write_text(token)
    terminal.names |= {"SCIM_TOKEN": token, "SCIM_URL": f"{terminal.address}/scim/v2"}
    if page in DONE_BEFORE:
        DONE_BEFORE[page]()
    for piece in PIECES:
        if piece.page == page and piece.text.startswith("id,"):
            name = "people.csv" if "userName" in piece.key[1] else "groups.csv"
            (terminal.folder / name).write_text(piece.text)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_do_their_work(terminal: Terminal, page: str) -> None:
    prepare(page, terminal)

    for piece in OF_PAGES:
        if piece.page == page:
            printed = terminal.run(piece.text)
            assert alike(piece.prints) in alike(printed)


@pytest.mark.parametrize("vendor", INSTRUCTIONS)
def test_commands_made_for_a_vendor_do_their_work(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    monkeypatch.syspath_prepend(DOCS)

    for block in made_for(vendor):
        for command in commands(block):
            terminal.run(command)


def test_commands_of_a_project_do_their_work(tmp_path: Path) -> None:
    typed = dict.fromkeys(piece.text for piece in TYPED if piece not in OF_PAGES)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "db.sqlite3")}
    given = {
        "settings": {**PROJECT, "DATABASES": {"default": database}},
        "commands": [text.split()[2:] for text in typed],
    }

    done = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS],
        input=json.dumps(given),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Applying scim_provider.0001_initial... OK" in done.stderr
    assert "Unapplying scim_provider.0001_initial... OK" in done.stderr
