"""Each database taken for one that has the portable way only, and no savepoints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.features import BaseDatabaseFeatures

from django_scim_provider.storage.sql import vendors
from django_scim_provider.storage.sql.vendors.portable import Portable
from tests.portable.frames import caller
from tests.portable.watching.blocks import outermost_of_ours


class LikeMongoDB(Portable):
    """Any database, used as MongoDB is: a transaction in a transaction is no part of its own."""

    has_savepoints = False

    def atomic(self, using: str) -> AbstractContextManager[None]:
        """Begin a transaction; in one, do nothing."""
        if self.in_transaction(connections[using]):
            return nullcontext()
        found: AbstractContextManager[None] = transaction.atomic(using=using)
        return found

    def in_transaction(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell of those of the app: MongoDB knows nothing of a test's or a host's."""
        return outermost_of_ours(connection) is not None


WITHOUT = (
    "supports_ignore_conflicts",
    "supports_update_conflicts",
    "supports_update_conflicts_with_target",
)
"""What Django itself knows that neither MongoDB nor SQL Server has."""


def _asked_by_django(features: BaseDatabaseFeatures) -> bool:
    """Tell Django of savepoints, by which tests are undone, and the app of none."""
    return caller().startswith("/")


@contextmanager
def only_portable() -> Iterator[None]:
    """Give every alias the vendor that knows nothing but the ORM, and Django's words for it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vendors, "_made_for", LikeMongoDB)
        patched.setattr(vendors, "_known", {})
        for connection in connections.all():
            features = type(connection.features)
            for name in WITHOUT:
                patched.setattr(features, name, False)
            patched.setattr(features, "uses_savepoints", property(_asked_by_django))
        yield
