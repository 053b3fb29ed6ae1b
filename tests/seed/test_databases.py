"""A fresh project on a new database, and on databases that only few machines have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def run_smoke_test(url: str) -> str:
    """Return what the smoke test printed; a failure shows what it wrote."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.seed.smoke"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
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
    url = os.environ.get(name)
    if url is None:
        pytest.skip("no server")

    assert run_smoke_test(url) == "smoke test passed"
