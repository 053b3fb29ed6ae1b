"""The options of pytest for the portable way.

``--strict-portable`` runs the suite on it, whatever the database is, and fails where the app does
what it forbids. ``--portable-report FILE`` collects that instead; ``python -m
tests.portable.summary FILE`` sums it up. Alone, it leaves each database its own way.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.mongodb.left_out import ON_MONGODB
from tests.portable.left_out import LEFT_OUT, leave_out
from tests.portable.sql_server import option

OPTIONS = "strict_portable", "portable_report"

TOGETHER = 50
"""Tests after which a report is written on, for whoever ends the run early."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("portable")
    group.addoption(
        "--strict-portable",
        action="store_true",
        help="run on the portable way, and fail on what it forbids",
    )
    group.addoption(
        "--portable-report",
        metavar="FILE",
        help="append what the portable way forbids to FILE instead of failing",
    )
    option.add_option(group)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch where an option asks for it."""
    if any(config.getoption(name) for name in OPTIONS):
        config.pluginmanager.register(Strictness(config), "portable_strictness")
    option.begin(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has nothing to do on the portable way."""
    if config.getoption("strict_portable"):
        leave_out(config, items, LEFT_OUT)
    from django.db import connection  # settings are read by now

    if connection.vendor == "mongodb":
        leave_out(config, items, ON_MONGODB)


class Strictness:
    """Watches each test, and judges it by what was met."""

    def __init__(self, config: pytest.Config) -> None:
        # Imported late: most runs need nothing of it, and Django has to be set up.
        from tests.portable.collection import Collection
        from tests.portable.watching.watch import watching

        report = config.getoption("portable_report")
        self.path = Path(report).resolve() if report else None
        self.collection, self.tests = Collection(), 0
        self.opened = ExitStack()
        if config.getoption("strict_portable"):
            from tests.portable.watching.vendor import only_portable

            self.opened.enter_context(only_portable())
        self.watch = self.opened.enter_context(watching(fails=self.path is None))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Count what a test met, with its fixtures."""
        self.watch.take()
        result = yield
        self.collection.add(item.nodeid, self.watch.take())
        self.tests += 1
        if self.path is not None and self.tests % TOGETHER == 0:
            self.collection.append_to(self.path)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Fail by what was met, also where a handler of the app swallowed it."""
        from tests.portable.constructs import ForbiddenConstruct

        try:
            return (yield)
        finally:
            if self.watch.fails and (met := self.watch.take()):
                raise ForbiddenConstruct(*met)

    def pytest_unconfigure(self) -> None:
        """Write what was collected."""
        self.opened.close()
        if self.path is not None:
            self.collection.append_to(self.path)
