"""A fresh project on a new database, and on databases that only few machines have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import database_settings, why_not

ROOT = Path(__file__).resolve().parent.parent.parent


def run_smoke_test(url: str) -> str:
    """Return what the smoke test printed; a failure shows what it wrote."""
    mongodb = database_settings(url)["ENGINE"] == "django_mongodb_backend"
    settings = "tests.mongodb.settings" if mongodb else "tests.plain_settings"
    result = subprocess.run(
        [sys.executable, "-m", "tests.seed.smoke"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout.strip()


def test_fresh_project_works_on_a_new_database(tmp_path: Path) -> None:
    assert run_smoke_test(f"sqlite:///{tmp_path / 'new.sqlite3'}") == "smoke test passed"


@pytest.mark.parametrize("name", ["SCIM_PROVIDER_MSSQL_URL", "SCIM_PROVIDER_MONGODB_URL"])
def test_other_database_works_where_its_url_is_given(name: str) -> None:
    url = os.environ.get(name, "")
    if reason := why_not(url) if url else f"{name} names no server":
        pytest.skip(reason)

    assert run_smoke_test(url) == "smoke test passed"


@pytest.mark.parametrize(
    ("url", "engine", "host", "name"),
    [
        (
            "mssqlms://sa:pw@db.example:1433/scim?driver=ODBC+Driver+18+for+SQL+Server",
            "mssql",
            "db.example",
            "scim",
        ),
        ("mssql://sa:pw@db.example/scim", "mssql", "db.example", "scim"),
        (
            "mongodb://a:1,b:2/scim?w=1",
            "django_mongodb_backend",
            "mongodb://a:1,b:2/scim?w=1",
            "scim",
        ),
        ("mongodb://a/", "django_mongodb_backend", "mongodb://a/", "scim"),
    ],
    ids=["sql-server", "sql-server-as-django-environ-says", "mongodb", "mongodb-without-a-name"],
)
def test_urls_name_the_backends(url: str, engine: str, host: str, name: str) -> None:
    found = database_settings(url)

    assert (found["ENGINE"], found["HOST"], found["NAME"]) == (engine, host, name)


def test_server_that_does_not_answer_is_told_in_one_line(free_port: int) -> None:
    reason = why_not(f"mongodb://127.0.0.1:{free_port}/scim")

    assert "127.0.0.1" in reason or reason == "django-mongodb-backend is not installed"
    assert "\n" not in reason
