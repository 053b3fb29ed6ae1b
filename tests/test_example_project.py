"""The example project, run as its README says: by ``manage.py``, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parent.parent / "example_project" / "manage.py"

Result = subprocess.CompletedProcess[str]
Manage = Callable[..., Result]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "db.sqlite3"


@pytest.fixture
def environment(database: Path) -> dict[str, str]:
    own = {
        "DATABASE_URL": f"sqlite:///{database}",
        "CACHE_URL": "locmem://",
        "SECRET_KEY": "tests",
        "DJANGO_SETTINGS_MODULE": "example.settings",  # pytest-django has set the suite's
    }

    return {**os.environ, **own}


@pytest.fixture
def manage(environment: dict[str, str]) -> Manage:
    def run(*arguments: str) -> Result:
        return subprocess.run(
            [sys.executable, str(MANAGE), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def dump(database: Path) -> list[str]:
    """Return all that the database holds, as SQL."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def holds_nothing(database: Path) -> bool:
    """Tell whether the database has no table; looking at it may have made the file."""
    return not database.exists() or not rows(database, "SELECT name FROM sqlite_master")


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["check"], "no issues", id="check"),
        pytest.param(["makemigrations", "--check", "--dry-run"], "No changes", id="migrations"),
        pytest.param(["migrate"], "Applying scim_provider.", id="migrate"),
    ],
)
def test_project_is_set_up_without_complaints(
    manage: Manage, arguments: list[str], said: str
) -> None:
    result = manage(*arguments)

    assert result.returncode == 0, result.stderr
    assert said in result.stdout
    assert "WARNING" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("mssql://sa@db.example/scim", "mssql db.example", id="sql-server"),
        pytest.param("mssqlms://sa@db.example/scim", "mssql db.example", id="its-longer-name"),
        pytest.param("mongodb://db.example/scim", "does not run on MongoDB", id="mongodb"),
    ],
)
def test_urls_of_other_databases_are_understood(
    environment: dict[str, str], url: str, said: str
) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(MANAGE.parent)!r})\n"
        "from example.environment import database\n"
        "found = database(''); print(found['ENGINE'], found['HOST'])"
    )
    environment["DATABASE_URL"] = url

    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert said in result.stdout + result.stderr


def test_users_have_their_indexes(manage: Manage, database: Path) -> None:
    assert manage("migrate").returncode == 0

    result = manage("check", "--database", "default", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr
    assert manage("migrate", "example", "0002").returncode == 0
    assert "scim_provider.W014" in manage("check", "--database", "default").stderr


@pytest.mark.parametrize("url", ["scim/list-provider-connections", "api/schema/"])
def test_routes_for_people_are_mounted(manage: Manage, url: str) -> None:
    code = f"from django.urls import resolve; print(resolve('/{url}').url_name)"

    result = manage("shell", "-c", code)

    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().splitlines()[-1] in {"list-provider-connections", "schema"}


def test_fake_identity_provider_is_there_only_where_it_is_asked_for(
    manage: Manage, environment: dict[str, str]
) -> None:
    code = "from django.urls import resolve; resolve('/fake-idp/acme-log-in/keys')"

    assert "Resolver404" in manage("shell", "-c", code).stderr
    environment["FAKE_IDP_ORIGIN"] = "http://127.0.0.1:1"
    assert manage("shell", "-c", code).returncode == 0


def test_demo_brings_people_into_the_first_tenant_only(
    manage: Manage, database: Path, free_port: int
) -> None:
    result = manage("demo", "--exit", "--users", "3", "--port", str(free_port))

    assert result.returncode == 0, result.stdout + result.stderr
    assert "Acme: 3 members; 2 of them brought in by okta-demo; " in result.stdout
    assert "the owner is still acme-owner" in result.stdout
    assert "Globex: 1 member; 0 of them brought in by entra-demo; " in result.stdout
    assert "the owner is still globex-owner" in result.stdout
    assert "They log in by Acme's identity provider" in result.stdout
    assert "Deactivated by SCIM, they are out with the next click." in result.stdout
    assert "curl" not in result.stdout  # nobody answers any more
    assert "http://" not in result.stdout.partition("Globex: ")[2]
    passwords = re.findall(r"(\S+) / (\S+)", result.stdout)
    assert [name for name, _ in passwords] == ["admin", "acme-owner", "globex-owner"]
    assert len({password for _, password in passwords}) == 1
    assert rows(
        database,
        "SELECT c.provider_id, o.name FROM scim_provider_providerconnection c "
        "JOIN organizations_organization o ON c.organization_id = CAST(o.id AS TEXT) ORDER BY 1",
    ) == [("entra-demo", "Globex"), ("okta-demo", "Acme")]
    assert (
        rows(
            database,
            "SELECT is_staff, is_superuser FROM example_user WHERE username LIKE '%owner'",
        )
        == [(0, 0)] * 2
    )


def test_what_the_demo_prints_finds_what_it_says(
    environment: dict[str, str], free_port: int
) -> None:
    arguments = ["demo", "--users", "10", "--port", str(free_port)]
    demo = subprocess.Popen(
        [sys.executable, str(MANAGE), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    printed = ""
    try:
        assert demo.stdout is not None
        for line in demo.stdout:
            printed += line
            if line.startswith("Serving"):
                break
        statements = re.findall(r"(?m)^curl (?:.*\\\n)*.*$", printed)
        answers = [
            subprocess.run(
                statement,
                shell=True,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for statement in statements
        ]
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)

    some, promoted, made, connections = map(json.loads, answers)
    assert len(some["Resources"]) == 2
    assert promoted["Resources"]
    assert all(user["title"].startswith("Senior ") for user in promoted["Resources"])
    assert made["userName"] == "ann@example.com"
    assert [each["providerId"] for each in connections["providers"]] == ["okta-demo"]


def test_demo_leaves_a_connection_where_it_belongs(
    manage: Manage, database: Path, free_port: int
) -> None:
    older = (
        "from django_scim_provider.tokens.service import generate_scim_token\n"
        "generate_scim_token('okta-demo')\n"
        "generate_scim_token('entra-demo')"
    )
    assert manage("migrate").returncode == 0
    assert manage("shell", "-c", older).returncode == 0

    result = manage("demo", "--exit", "--users", "3", "--port", str(free_port))

    assert result.returncode == 0, result.stdout + result.stderr
    assert "Acme: 1 member; okta-demo is older than the organization" in result.stdout
    belongs_to = "SELECT DISTINCT organization_id FROM scim_provider_providerconnection"
    assert rows(database, belongs_to) == [(None,)]


def test_demo_on_a_taken_port_makes_no_database(
    manage: Manage, database: Path, taken_port: int
) -> None:
    result = manage("demo", "--exit", "--users", "3", "--port", str(taken_port))

    assert result.returncode != 0
    assert f"Port {taken_port} is taken" in result.stderr
    assert holds_nothing(database)


def test_demo_on_a_taken_port_leaves_the_running_one_alone(
    manage: Manage, database: Path, free_port: int, taken_port: int
) -> None:
    assert manage("demo", "--exit", "--users", "3", "--port", str(free_port)).returncode == 0
    before = dump(database)

    result = manage("demo", "--exit", "--users", "3", "--port", str(taken_port))

    assert result.returncode != 0
    assert f"Port {taken_port} is taken" in result.stderr
    assert any('INSERT INTO "scim_provider_scimtoken"' in line for line in before)
    assert dump(database) == before


@pytest.mark.parametrize("port", ["0", "65536"])
def test_demo_refuses_what_is_no_port(manage: Manage, database: Path, port: str) -> None:
    result = manage("demo", "--exit", "--port", port)

    assert result.returncode == 1
    assert "--port needs a number from 1 to 65535." in result.stderr
    assert holds_nothing(database)


def test_own_extension_and_resource_type(manage: Manage) -> None:
    script = Path(__file__).with_name("own_types_of_the_example.py").read_text()
    assert manage("migrate").returncode == 0

    result = manage("shell", "-c", script)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-7:] == [
        "user B-7 South 1",
        "device Old laptop",
        "taken 409 201 serialNumber is already in use.",
        "users 1",
        "devices 1",
        "type /Devices",
        "schemas Device Workplace",
    ]
