"""Keeps how the tests with the mark ``rfc`` went, for the table in the documentation.

``SCIM_CONFORMANCE=docs/explanation/conformance.json python -m pytest -m rfc`` writes it anew.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django
import pytest
from django.db import connection


class Recorder:
    """A plugin of pytest; of a test with parameters the worst outcome counts.

    Modules that play the tests of another one again, in a world of their own, have no rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: dict[str, str] = {}
        self.own: set[str] = set()

    def pytest_collection_modifyitems(self, items: Iterable[Any]) -> None:
        """Note what stands in the module that it was found in."""
        self.own = {
            item.nodeid.partition("[")[0]
            for item in items
            if item.function.__module__ == item.module.__name__
        }

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one outcome."""
        test = report.nodeid.partition("[")[0]
        if test not in self.own:
            return
        if report.failed:
            self.outcomes[test] = "failed"
        elif report.when == "call":
            self.outcomes.setdefault(test, report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        run = (
            f"Python {platform.python_version()}, Django {django.__version__} and "
            f"{connection.display_name}"
        )
        found = {"run": run, "tests": dict(sorted(self.outcomes.items()))}
        self.path.write_text(json.dumps(found, indent=1) + "\n")
