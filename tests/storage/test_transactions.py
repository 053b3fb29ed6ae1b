"""Writes that deadlock are tried again, and give up as 503."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from django_scim_provider.core.errors import Unavailable
from django_scim_provider.storage.base import MAX_TRIES, in_transaction
from tests.factories import make_connection

pytestmark = pytest.mark.django_db(transaction=True)


class SQLState(Exception):
    """What psycopg raises, as far as we look at it."""

    sqlstate = "40P01"


def deadlock() -> DatabaseError:
    error = OperationalError("deadlock detected")
    error.__cause__ = SQLState()
    return error


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(deadlock, id="postgresql"),
        pytest.param(lambda: OperationalError(1213, "Deadlock found"), id="mysql"),
        pytest.param(lambda: OperationalError("database is locked"), id="sqlite"),
    ],
)
@pytest.mark.parametrize("failures", [0, 1, MAX_TRIES - 1, MAX_TRIES])
def test_deadlock_is_tried_again(make: object, failures: int) -> None:
    tries = []

    def work() -> str:
        tries.append(1)
        if len(tries) <= failures:
            raise make()  # type: ignore[operator]  # a factory, as parametrised
        return "done"

    if failures == MAX_TRIES:
        with pytest.raises(Unavailable):
            in_transaction("default", "acme", work)
    else:
        assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == min(failures + 1, MAX_TRIES)


@pytest.mark.parametrize("error", [OperationalError("server has gone away"), IntegrityError("x")])
def test_other_errors_are_not_tried_again(error: Exception) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        raise error

    with pytest.raises(type(error)):
        in_transaction("default", "acme", work)
    assert len(tries) == 1


def test_nothing_is_tried_again_inside_a_transaction_of_the_host() -> None:
    def work() -> None:
        raise deadlock()

    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction("default", "acme", work)


def test_failed_work_leaves_nothing() -> None:
    def work() -> None:
        make_connection(provider_id="lost")
        raise LookupError

    with pytest.raises(LookupError):
        in_transaction("default", "acme", work)

    assert make_connection(provider_id="lost").provider_id == "lost"
