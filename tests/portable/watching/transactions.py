"""Hooks at Django's transactions: who opens them, and which stand in one of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.portable.constructs import Construct
from tests.portable.frames import DJANGO, caller, place_of_ours
from tests.portable.watching.blocks import Block, blocks_of, outermost_of_ours
from tests.portable.watching.compilers import Report

_SEAM = (
    "storage/transactions/",
    "storage/operation_clock.py",
    "storage/sql/vendors/",
    # Where there are savepoints; it asks.
    "user_model/insertions.py",
    # Beneath the seam; MongoDB's backend takes Django's function for it too.
    "revokers.py",
)

_ENDS_WITH_OURS = tuple(
    DJANGO + "contrib/" + file for file in ("admin/options.py", "auth/admin.py")
)
"""Views of Django's admin save in a transaction of their own, and catch nothing around it.

In ours MongoDB's backend lets it do nothing, and whatever is raised in it ends ours as well.
"""


def watch_transactions(patched: pytest.MonkeyPatch, report: Report) -> None:
    """Report transactions that go around the seam, and those inside others of ours."""
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
    on_commit, savepoint = BaseDatabaseWrapper.on_commit, BaseDatabaseWrapper.savepoint

    def entered(self: Any) -> None:
        asks = caller()
        if _goes_around(asks):
            report(Construct.DIRECT_TRANSACTION, "atomic()")
        connection = transaction.get_connection(self.using)
        is_ours = place_of_ours() is not None
        is_part = self.savepoint and asks not in _ENDS_WITH_OURS
        if is_ours and is_part and outermost_of_ours(connection) is not None:
            report(Construct.SAVEPOINT, self.using or "default")
        enter(self)
        blocks_of(connection).append(Block(is_ours))

    def left(self: Any, *error: Any) -> None:
        blocks = blocks_of(transaction.get_connection(self.using))
        if blocks:
            blocks.pop()
        leave(self, *error)

    def registered(self: Any, *args: Any, **kwargs: Any) -> None:
        if _goes_around(caller(transaction.__file__)):
            report(Construct.DIRECT_TRANSACTION, "on_commit()")
        on_commit(self, *args, **kwargs)

    def saved(self: Any) -> Any:
        if _goes_around(caller(transaction.__file__)):
            report(Construct.SAVEPOINT, "savepoint()")
        return savepoint(self)

    patched.setattr(transaction.Atomic, "__enter__", entered)
    patched.setattr(transaction.Atomic, "__exit__", left)
    patched.setattr(BaseDatabaseWrapper, "on_commit", registered)
    patched.setattr(BaseDatabaseWrapper, "savepoint", saved)


def _goes_around(asks: str) -> bool:
    return asks.endswith(".py") and not asks.startswith(("/", *_SEAM))
