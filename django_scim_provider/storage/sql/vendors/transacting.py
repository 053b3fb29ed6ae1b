"""How a vendor begins transactions, and what may become of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import ClassVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper


class Transacting:
    """Answers of a vendor whose transactions are Django's."""

    is_optimistic: ClassVar[bool] = False
    """Does nobody wait for a row, and does who writes it second have to begin again?"""
    has_savepoints: ClassVar[bool] = True
    """Can a part of a transaction be undone?"""

    def atomic(self, using: str) -> AbstractContextManager[None]:
        """Return what begins a transaction, or a savepoint in one."""
        found: AbstractContextManager[None] = transaction.atomic(using=using)
        return found

    def lacks_transactions(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether the server could leave half of a change; it is asked."""
        return False

    def in_transaction(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether one is under way."""
        return connection.in_atomic_block
