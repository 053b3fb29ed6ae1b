"""Hooks at cursors: statements written by hand, and refusals that a transaction outlives."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError
from django.db.backends import utils
from django.db.backends.base import base

from tests.portable.constructs import Construct
from tests.portable.frames import caller
from tests.portable.watching.blocks import outermost_of_ours
from tests.portable.watching.compilers import Report

_LEFT_TO_DATABASE = frozenset(
    {
        *("SQLITE_CONSTRAINT_CHECK", "SQLITE_CONSTRAINT_FOREIGNKEY"),
        *("23503", "23514", "22001"),
        *(1406, 1451, 1452, 3819, 4025),
    }
)
"""Checks, foreign keys and lengths, in the codes of SQLite, PostgreSQL, MySQL and MariaDB."""


def watch_cursors(patched: pytest.MonkeyPatch, report: Report) -> None:
    """Report statements by hand, what only the database refuses, and what follows a refusal."""
    for name in ("execute", "executemany"):
        _watch(patched, name, report)


def _watch(patched: pytest.MonkeyPatch, name: str, report: Report) -> None:
    run = getattr(utils.CursorWrapper, name)

    def watched(self: Any, sql: Any, *args: Any) -> Any:
        asks = caller(utils.__file__)
        if asks == base.__file__:  # what begins, ends and undoes transactions
            return run(self, sql, *args)
        if asks.endswith(".py") and not asks.startswith("/"):
            report(Construct.RAW_CURSOR, " ".join(str(sql).split())[:60])
        block = outermost_of_ours(self.db)
        if block is not None and block.refused:
            report(Construct.WENT_ON, f"refused at {block.refused}")
        try:
            return run(self, sql, *args)
        except (IntegrityError, DataError) as error:
            if block is not None:
                block.refused = asks
            if _code(error) in _LEFT_TO_DATABASE:
                report(Construct.LEFT_TO_DATABASE, str(error).splitlines()[0][:100])
            raise

    patched.setattr(utils.CursorWrapper, name, watched)


def _code(error: BaseException) -> Any:
    cause = error.__cause__
    sqlite, postgresql = getattr(cause, "sqlite_errorname", None), getattr(cause, "sqlstate", None)
    return sqlite or postgresql or (error.args[0] if error.args else None)
