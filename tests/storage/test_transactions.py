"""What deadlocks is tried again while there is time; what waited in vain, or is away, is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import (
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.errors import SCIMError, Unavailable
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.transactions import (
    after_commit,
    in_transaction,
    settling_conflicts,
    write_aside,
)
from tests.database_errors import CONFLICTS, FAULTS, OUTAGES, of_mysql, of_postgresql
from tests.factories import make_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses between tries, with a clock that only they move."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100 + sum(pauses))
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def failing(error: Exception, times: float = float("inf")) -> tuple[list[int], Callable[[], str]]:
    """Return the tries, and work that fails so often before it is done."""
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    return tries, work


@pytest.mark.parametrize("error", CONFLICTS)
@pytest.mark.parametrize("failures", [0, 1, 7])
def test_conflict_is_tried_again(error: Exception, failures: int, clock: list[float]) -> None:
    tries, work = failing(error, failures)

    assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == failures + 1


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_no_try_begins_after_the_limit(
    limit: int, clock: list[float], scim_settings: Callable[..., None]
) -> None:
    scim_settings(RETRY_TIME_LIMIT=limit)
    tries, work = failing(of_mysql(1213))

    with pytest.raises(Unavailable):
        in_transaction("default", "acme", work)

    assert sum(clock) <= limit
    assert len(tries) == len(clock) + 1
    assert max(clock, default=0) <= 0.1
    assert limit == 0 or sum(clock) > limit - 0.5


@pytest.mark.parametrize("error", [*OUTAGES, *FAULTS])
def test_nothing_else_is_tried_again(error: Exception, clock: list[float]) -> None:
    tries, work = failing(error)

    with pytest.raises(type(error)):
        in_transaction("default", "acme", work)

    assert len(tries) == 1
    assert clock == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="its snapshots are the reason")
def test_whoever_is_overtaken_again_waits_before_the_snapshot(clock: list[float]) -> None:
    _, work = failing(of_postgresql("40001"), 3)

    with CaptureQueriesContext(connection) as run:
        in_transaction("default", "acme", work)

    marks = [query["sql"].split()[0] for query in run]
    assert marks == ["BEGIN", "ROLLBACK"] * 2 + ["BEGIN", "LOCK", "ROLLBACK"] + [
        "BEGIN",
        "LOCK",
        "COMMIT",
    ]


def test_settling_and_retrying_are_one_operation(clock: list[float]) -> None:
    """A row that is in the way and gone again gives the transaction no new time."""

    refused: list[int] = []

    def work() -> None:
        if sum(clock) > 4 and not refused:
            refused.append(1)
            raise IntegrityError
        raise of_mysql(1213)

    with pytest.raises(Unavailable):
        settling_conflicts(lambda: in_transaction("default", "acme", work), lambda: None)

    assert refused
    assert sum(clock) <= 5


def test_each_operation_has_time_of_its_own(clock: list[float]) -> None:
    """The third operation of a long transaction is tried again after all that came before it."""
    tries: list[int] = []

    def operate(number: int) -> None:
        clock.append(4)  # seconds that the operation takes
        if number == 2 and len(tries) == 1:
            raise of_mysql(1213)

    def work() -> str:
        tries.append(1)
        for number in range(3):
            in_transaction("default", "acme", partial(operate, number))
        return "done"

    with pytest.raises(Unavailable):
        in_transaction("default", "acme", lambda: _slow_as_one(clock))
    assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == 2


def _slow_as_one(clock: list[float]) -> None:
    clock.append(8)
    raise of_mysql(1213)


def test_operation_that_is_tried_again_keeps_its_beginning(clock: list[float]) -> None:
    tries: list[int] = []

    def fail() -> None:
        clock.append(1)
        raise of_mysql(1213)

    def work() -> None:
        tries.append(1)
        in_transaction("default", "acme", lambda: clock.append(2))
        in_transaction("default", "acme", fail)

    with pytest.raises(Unavailable):
        in_transaction("default", "acme", work)

    # The third begins 4 s after the operation first did, a fourth would after 7 s.
    assert len(tries) == 3


def test_nothing_is_tried_again_inside_a_transaction_of_the_host(clock: list[float]) -> None:
    tries, work = failing(of_postgresql("40P01"))

    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction("default", "acme", work)

    assert len(tries) == 1


def test_refusal_that_hides_a_deadlock_ends_the_try_and_not_the_operation(
    clock: list[float],
) -> None:
    """A bulk request answers an operation that is refused and goes on; here nothing is left."""
    tries: list[int] = []

    def operate() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("a hook failed") from of_mysql(1213)

    def work() -> str:
        with suppress(SCIMError):
            in_transaction("default", "acme", operate)
        return "done"

    assert in_transaction("default", "acme", work) == "done"
    assert len(tries) == 2


def test_failure_after_the_commit_does_not_repeat_what_was_done() -> None:
    """A call of the project's that follows the commit deadlocks by itself."""
    made: list[Any] = []

    def work() -> None:
        made.append(make_connection(provider_id=f"made{len(made)}"))

        def follow() -> None:
            raise of_postgresql("40P01")

        transaction.on_commit(follow)

    with pytest.raises(OperationalError):
        in_transaction("default", "acme", work)

    assert len(made) == 1
    assert ProviderConnection.objects.count() == 1


def test_what_follows_a_commit_is_called_once_and_has_time_of_its_own(clock: list[float]) -> None:
    called = []
    tries, fails_once = failing(of_postgresql("40P01"), 1)

    def work() -> None:
        after_commit("default", lambda: called.append(in_transaction("default", "acme", inner)))
        clock.append(4)
        fails_once()

    inner_tries, inner = failing(of_mysql(1213), 3)

    in_transaction("default", "acme", work)

    assert called == ["done"]
    assert len(inner_tries) == 4
    assert len(tries) == 2


def test_failed_work_leaves_nothing() -> None:
    def work() -> None:
        make_connection(provider_id="lost")
        raise LookupError

    with pytest.raises(LookupError):
        in_transaction("default", "acme", work)

    assert make_connection(provider_id="lost").provider_id == "lost"


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("error", [*OUTAGES[:-1], *FAULTS[:9]])
def test_what_is_written_aside_fails_by_itself(
    error: Exception, nested: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def write() -> None:
        make_connection(provider_id="aside")
        raise error

    def act() -> None:
        write_aside("default", "The book", write)
        make_connection(provider_id="kept")

    if nested:
        with transaction.atomic():
            act()
    else:
        act()

    assert ProviderConnection.objects.filter(provider_id="kept").exists()
    assert not (nested and ProviderConnection.objects.filter(provider_id="aside").exists())
    (record,) = caplog.records
    assert record.getMessage().startswith("The book was not written (")
    assert record.exc_info is None


def test_broken_statement_written_aside_does_not_poison_the_transaction() -> None:
    def write() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    with transaction.atomic():
        write_aside("default", "The book", write)
        assert make_connection(provider_id="kept").pk is not None
