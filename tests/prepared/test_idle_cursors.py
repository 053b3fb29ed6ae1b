"""A cursor of the driver waits until its statement is sent again, and gives nothing away."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from django.db import (
    DataError,
    connection,
    connections,
)
from django.test.utils import CaptureQueriesContext

from django_scim_provider.storage.sql.running import execute, fetch_all, fetch_one
from django_scim_provider.storage.sql.vendors import idle_cursors, vendor_of
from tests.prepared.sessions import SAID, said, waiting
from tests.scim_client import SCIMTestClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others keep none"),
]

QUOTIENT = "SELECT 1 / %s::integer"


class Seen:
    """Notes which cursor of the driver sends what."""

    def __init__(self) -> None:
        self.cursors: list[Any] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.cursors.append(context["cursor"].cursor)
        return execute(sql, params, many, context)


@pytest.fixture
def seen() -> Iterator[list[Any]]:
    """Return the cursors that statements are sent by."""
    wrapper = Seen()
    with connection.execute_wrapper(wrapper):
        yield wrapper.cursors


def keeping(statement: str) -> Any:
    found = connections["default"]
    return vendor_of(found).keeping_cursor(found, None, statement)


def test_statement_is_sent_again_by_its_cursor(seen: list[Any]) -> None:
    assert [said("a"), said("b"), said("c")] == ["a", "b", "c"]
    fetch_one("default", QUOTIENT, [1])
    said("d")

    assert len(seen) == 5
    assert len(set(map(id, seen))) == 2


def test_requests_find_them_waiting(get: Callable[[], None], seen: list[Any]) -> None:
    get()
    first = [id(cursor) for cursor in seen]
    get()

    assert [id(cursor) for cursor in seen] == [*first, *first]


def test_no_rows_and_no_parameters_wait_with_it(
    get: Callable[[], None], scim_client: SCIMTestClient
) -> None:
    get()
    scim_client.create_user("grace")
    said("secret")

    found = waiting()
    assert len(found) > 2
    for cursor in found:
        assert (cursor.pgresult, cursor._results, cursor._query) == (None, [], None)
        assert cursor._tx.pgresult is None
        assert cursor.home is None


def test_statement_that_is_being_read_gets_another_cursor() -> None:
    said("a")
    with keeping(SAID) as outer:
        outer.execute(SAID, ["outer"])
        with keeping(SAID) as inner:
            inner.execute(SAID, ["inner"])
            assert said("between") == "between"
            assert inner.fetchall() == [("inner",)]
        assert outer.fetchall() == [("outer",)]

    assert len(waiting()) == 1


def test_what_was_left_unread_is_gone() -> None:
    with keeping(SAID) as cursor:
        cursor.execute(SAID, ["unread"])
    with keeping(SAID) as cursor, pytest.raises(Exception, match="no result available"):
        cursor.fetchall()

    assert said("read") == "read"


def test_cursor_that_failed_is_closed(seen: list[Any]) -> None:
    fetch_one("default", QUOTIENT, [1])
    with pytest.raises(DataError):
        fetch_one("default", QUOTIENT, [0])

    assert seen[-1].closed
    assert waiting() == []
    assert fetch_one("default", QUOTIENT, [1]) == (1,)


def test_after_a_rollback_it_goes_on(seen: list[Any]) -> None:
    connection.set_autocommit(False)
    try:
        for text in "abcdefgh":
            assert said(text) == text
            connection.rollback()
    finally:
        connection.set_autocommit(True)

    assert len(set(map(id, seen))) == 1


def test_what_waits_ends_with_its_thread() -> None:
    driver: list[Any] = []

    def work() -> None:
        said("a")
        driver.append(weakref.ref(connection.connection))
        connection.connection.close()  # the driver's alone, so that Django has it still

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    gc.collect()

    assert driver[0]() is None


def test_each_database_has_its_own() -> None:
    other = connections["default"].copy("other")
    connections["other"] = other
    try:
        texts = [said("a"), said("b", "other"), said("c"), said("d", "other")]
        drivers = [cursor.connection for name in ("default", "other") for cursor in waiting(name)]
        expected = [connection.connection, other.connection]
    finally:
        other.close()
        del connections["other"]

    assert texts == list("abcd")
    assert len(set(map(id, drivers))) == 2
    assert drivers == expected


def test_threads_that_share_a_connection_share_no_cursor() -> None:
    shared = connections["default"]
    wrong: list[str] = []
    said("connected")
    shared.inc_thread_sharing()

    def work(name: str) -> None:
        connections["default"] = shared
        for number in range(200):
            text = f"{name}{number}"
            if said(text) != text:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        shared.dec_thread_sharing()

    assert wrong == []


def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_cursors, "MOST_IDLE", 3)
    for number in (1, 2, 3, 4, 1, 5):
        fetch_all("default", f"SELECT {number}")

    assert [cursor.statement for cursor in waiting()] == ["SELECT 4", "SELECT 1", "SELECT 5"]


def test_in_a_pipeline_each_result_is_that_of_its_statement() -> None:
    said("before")
    with connection.connection.pipeline():
        execute("default", SAID, ["never read"])
        assert said("a") == "a"
        execute("default", SAID, ["never read either"])
        assert said("b") == "b"

    assert said("after") == "after"


def test_moments_are_read_in_the_time_zone_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    moment, zones = "SELECT '2026-06-01T12:00:00Z'::timestamptz", []
    for zone in (UTC, ZoneInfo("Asia/Tokyo"), UTC):
        monkeypatch.setattr(connections["default"], "timezone", zone)
        ((found,),) = fetch_all("default", moment)
        zones.append(found.tzinfo)

    assert zones == [UTC, ZoneInfo("Asia/Tokyo"), UTC]


def test_whoever_replaces_the_cursor_has_a_say(monkeypatch: pytest.MonkeyPatch) -> None:
    said("a")
    asked = []
    made = connections["default"].cursor

    def cursor(*args: Any) -> Any:
        asked.append(args)
        return made(*args)

    monkeypatch.setattr(connections["default"], "cursor", cursor)

    assert [said("b"), said("c")] == ["b", "c"]
    assert len(asked) == 2


def test_log_shows_what_a_waiting_cursor_sends() -> None:
    said("a")
    with CaptureQueriesContext(connection) as log:
        said("b")
    said("c")

    assert [query["sql"] for query in log.captured_queries] == ["SELECT 'b'::text"]
    assert [cursor.composed for cursor in waiting()] == [None]


def test_statement_that_a_wrapper_changed_is_sent_as_changed() -> None:
    def commented(execute: Any, sql: str, *rest: Any) -> Any:
        return execute(f"{sql} || '!'", *rest)

    said("a")
    with connection.execute_wrapper(commented):
        assert said("b") == "b!"
    assert said("c") == "c"


def test_driver_that_cannot_be_emptied_closes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_cursors, "can_wait", lambda kind: False)

    assert [said("a"), said("b")] == ["a", "b"]
    assert waiting() == []


def test_what_a_cursor_needs_is_there() -> None:
    class Other:
        _reset: ClassVar[Any] = None

    said("a")

    assert idle_cursors.can_wait(type(waiting()[0]))
    assert not idle_cursors.can_wait(Other)
