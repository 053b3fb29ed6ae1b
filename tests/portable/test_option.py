"""What the options of pytest do with what is met."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portable.constructs import Construct
from tests.portable.left_out import LEFT_OUT
from tests.portable.summary import summary

pytest_plugins = ["pytester"]
A_TEST = """
from contextlib import suppress
from django.db import transaction
from tests.portable.ours import ours

def by_itself():
    with transaction.atomic():
        raise LookupError

def test_of_it():
    with suppress(Exception, AssertionError):
        ours(by_itself)()
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run a test that swallows what it meets."""
    pytester.makepyfile(A_TEST)
    return pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "tests.portable.plugin", "--ds=tests.settings", *options
    )


@pytest.fixture(autouse=True)
def import_path(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let the other process import these tests."""
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def test_strict_run_fails_by_what_a_handler_swallows(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--strict-portable")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*storage/example.py:*by_itself()*DIRECT_TRANSACTION*"])


def test_report_counts_what_is_met(pytester: pytest.Pytester) -> None:
    report = pytester.path / "report"
    run(pytester, "--portable-report", str(report)).assert_outcomes(passed=1)
    run(pytester, "--portable-report", str(report)).assert_outcomes(passed=1)
    page = "\n".join(summary(report.read_text().splitlines()))
    assert f"## {Construct.DIRECT_TRANSACTION.name} (1)" in page
    assert "storage/example.py:6 by_itself(): atomic() (2 times; test_report_counts" in page


def test_other_runs_are_not_watched(pytester: pytest.Pytester) -> None:
    run(pytester).assert_outcomes(passed=1)


def test_summary_is_empty_where_nothing_was_met(tmp_path: Path) -> None:
    assert list(summary([])) == []


def test_tests_that_are_left_out_are_there(request: pytest.FixtureRequest) -> None:
    for file, names in (
        (each, names) for files in LEFT_OUT.values() for each, names in files.items()
    ):
        text = (request.config.rootpath / file).read_text()
        written = [name.partition("[")[0] for name in names]
        assert [name for name in written if f"def {name}" not in text] == []
