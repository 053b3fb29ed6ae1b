"""What waited on a connection that is closed or lost is not taken any more."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from tests.prepared.sessions import said, waiting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others keep none"),
]


def test_connection_that_is_closed_gets_new_ones(get: Callable[[], None]) -> None:
    get()
    before = {id(cursor) for cursor in waiting()}
    kept = weakref.ref(connection.connection)
    connection.close()
    assert waiting() == []
    get()

    gc.collect()
    assert kept() is None
    assert before
    assert all(cursor.connection is connection.connection for cursor in waiting())


def test_connection_that_is_lost_is_told_as_ever(get: Callable[[], None]) -> None:
    said("a")
    connection.connection.close()
    with pytest.raises((OperationalError, InterfaceError)):
        said("b")
    connection.close()

    get()


def test_connection_that_is_lost_in_a_transaction_is_told_as_ever() -> None:
    def lose() -> None:
        with transaction.atomic():
            connection.close()
            said("b")

    said("a")
    with pytest.raises(OperationalError):
        lose()

    assert said("c") == "c"
