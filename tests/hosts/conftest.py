"""What begins a project of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.hosts.newcomer import Begin, Newcomer


@pytest.fixture
def begin(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Begin]:
    """Return what begins a project, on a new database of the server that the suite runs on."""
    made: list[str] = []
    connection = connections["default"]

    def run(sql: str) -> None:
        with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(sql)

    def new(project: str) -> Newcomer:
        url = os.environ.get("DATABASE_URL", "sqlite://")
        if dj_database_url.parse(url)["ENGINE"].endswith("sqlite3"):
            url = ""
        else:
            name = f"{dj_database_url.parse(url)['NAME']}_{project}"
            run(f"CREATE DATABASE {name}")
            made.append(name)
            url = f"{url.rpartition('/')[0]}/{name}"
        compiled = tmp_path_factory.getbasetemp() / "compiled"
        newcomer = Newcomer(tmp_path, compiled, url)
        newcomer.start(project)
        return newcomer

    yield new
    for name in made:
        run(f"DROP DATABASE {name}")
