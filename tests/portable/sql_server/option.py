"""The option ``--compile-for-sql-server``: each query of the app is compiled for it as well."""

from __future__ import annotations

from typing import Any

import pytest

_SHARED = "sql_server_statements"


def add_option(group: Any) -> None:
    """Add the option to those of the portable way."""
    group.addoption(
        "--compile-for-sql-server",
        action="store_true",
        help="compile each query of the app for SQL Server too (the extra test-mssql)",
    )


def begin(config: pytest.Config) -> None:
    """Compile from now on where the option asks for it.

    Raises:
        UsageError: its backend is not installed.
    """
    if config.getoption("compile_for_sql_server"):
        from tests.portable.sql_server.driver import reason_against

        if reason := reason_against():
            raise pytest.UsageError(reason)
        config.pluginmanager.register(Compiling(config), "portable_compiling")


class Compiling:
    """Counts the different statements, of all processes of a run."""

    def __init__(self, config: pytest.Config) -> None:
        # Imported late: it patches what Django compiles.
        from tests.portable.watching.sql_server import Compiled, compile_all

        self.patched = pytest.MonkeyPatch()
        self.compiled: Compiled = compile_all(self.patched)
        self.output: dict[str, Any] | None = getattr(config, "workeroutput", None)

    def pytest_sessionfinish(self) -> None:
        """Tell the process that began this one."""
        self.patched.undo()
        if self.output is not None:
            self.output[_SHARED] = [sorted(self.compiled.statements), self.compiled.failures]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what another process compiled."""
        statements, failures = getattr(node, "workeroutput", {}).get(_SHARED, ([], {}))
        self.compiled.statements.update(statements)
        self.compiled.failures.update(failures)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many there were, and which queries were refused."""
        for place, problem in sorted(self.compiled.failures.items()):
            terminalreporter.write_line(f"not compiled for SQL Server: {place}: {problem}")
        count = len(self.compiled.statements)
        terminalreporter.write_line(
            f"{count} different statements compiled for SQL Server, "
            f"{len(self.compiled.failures)} places failed"
        )
