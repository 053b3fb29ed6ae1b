"""How a vendor begins transactions, what becomes of them, and whether it is there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import ClassVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.errors import SCIMError


class Transacting:
    """Answers of a vendor whose transactions are Django's."""

    is_optimistic: ClassVar[bool] = False
    """Does nobody wait for a row, and does who writes it second have to begin again?"""
    has_savepoints: ClassVar[bool] = True
    """Can a part of a transaction be undone?"""
    overtaken: ClassVar[frozenset[str]] = frozenset()
    """The codes of a transaction that lost against a later one; see ``turn_sql``."""

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

    def answers(self, connection: BaseDatabaseWrapper) -> bool:
        """Ask the server something that costs nothing.

        Raises:
            Exception: whatever a driver raises where there is no answer.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() is not None

    def is_lost(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether a connection has to be closed, so that the next statement makes one."""
        return connection.connection is not None and not connection.is_usable()

    @classmethod
    def refusal_of(cls, error: BaseException) -> SCIMError | None:
        """Return what to tell a client of a value that the database never keeps, if it is that."""
        return None
