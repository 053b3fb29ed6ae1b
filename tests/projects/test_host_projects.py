"""Parts of the suite in host projects that are set up differently, each in a process of its own.

``tests/hosts`` has whole projects of their own, driven from outside.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("settings", "tests"),
    [
        pytest.param(
            "email_user.settings",
            [
                "tests/test_lifecycle.py",
                "tests/drift/test_rows.py",
                "tests/kit/test_identity_provider.py",
                "tests/selfcheck/test_whole_check.py::test_what_is_right_passes_and_nothing_stays",
                "tests/projects/email_user/log_in_by_address.py",
                "tests/projects/email_user/normalizing.py",
            ],
            id="users-without-names",
        ),
        pytest.param(
            "unique_address.settings",
            ["tests/projects/unique_address/sharing.py"],
            id="users-whose-address-is-theirs-alone",
        ),
        pytest.param(
            "uuid_user.settings",
            [
                "tests/test_lifecycle.py",
                "tests/drift/test_runs.py",
                "tests/kit/test_identity_provider.py",
                "tests/selfcheck/test_whole_check.py",
            ],
            id="users-with-uuids",
        ),
        pytest.param(
            "recorders.settings",
            ["tests/projects/recorders/recording.py"],
            id="packages-that-record-who-did-it",
        ),
        pytest.param(
            "customers.settings",
            ["tests/projects/customers/driving.py"],
            id="every-seam-overridden",
        ),
        pytest.param(
            "odd_user.settings",
            ["tests/projects/odd_user/indexing.py"],
            id="users-in-two-tables-with-odd-names",
        ),
        pytest.param(
            "mapped.settings",
            [f"tests/projects/mapped/{name}.py" for name in ("writing", "showing", "checking")],
            id="fields-that-are-mapped",
        ),
        pytest.param("deferred", ["tests/test_concurrency.py"], id="sqlite-without-immediate"),
        pytest.param(
            "naive",
            [
                "tests/drift/test_runs.py",
                "tests/events/test_event_export.py",
                "tests/health",
                "tests/management/test_tokens.py",
                "tests/test_admin_pages.py",
                "tests/test_commands.py",
                "tests/test_groups.py",
                "tests/test_life_cycle_commands.py",
                "tests/test_lifecycle.py",
                "tests/test_resource_columns.py",
                "tests/test_revokers.py",
                "tests/test_token_service.py",
            ],
            id="no-time-zones",
        ),
    ],
)
def test_suite_holds_in_another_project(settings: str, tests: list[str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, f"--ds=tests.projects.{settings}", *tests],
        cwd=ROOT,
        env={**os.environ, **_coverage(settings)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout[-3000:]
    assert " passed" in result.stdout
    assert "skipped" not in result.stdout


def _coverage(settings: str) -> dict[str, str]:
    """Return what makes the process measure coverage into a file of its own, where ours does."""
    data = os.environ.get("COVERAGE_FILE")
    if data is None:
        return {"PYTEST_ADDOPTS": ""}
    return {"COVERAGE_FILE": f"{data}.{settings}", "PYTEST_ADDOPTS": "--cov --cov-report="}
