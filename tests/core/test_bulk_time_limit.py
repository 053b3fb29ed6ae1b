"""The time limit of bulk requests, by a clock that goes on with each operation."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import parse_bulk_request
from django_scim_provider.core.bulk.processing import bulk_response, run_bulk
from django_scim_provider.core.bulk.running_time import TimeLimit
from django_scim_provider.core.engine import Answer
from django_scim_provider.core.errors import NotFound, SCIMError
from django_scim_provider.core.profiles import GENERIC
from tests.scim_client import ENTERPRISE
from tests.test_bulk import BULK, create, create_group

PATHS = BulkPaths("http://x", ["/Users", "/Groups"])


class Clocked:
    """Does operations, each of which takes a second."""

    def __init__(self, seconds: float, *, now: float = 0.0) -> None:
        self.now = now
        self.done: list[Any] = []
        self.left: list[tuple[int, int]] = []
        self.limit = TimeLimit(seconds=seconds, started=0.0, clock=lambda: self.now)

    def execute(self, operation: Any) -> Answer:
        self.now += 1
        self.done.append(operation.bulk_id or operation.path)
        return Answer(201, None, 'W/"1"', f"http://x/Users/{len(self.done)}")

    def note_left(self, count: int, error: SCIMError) -> None:
        self.left.append((count, error.status))

    def run(self, *operations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        body = {"schemas": [BULK], "Operations": list(operations), **more}
        request = parse_bulk_request(body, GENERIC, max_operations=99)
        tried = run_bulk(
            request, self.execute, lambda work: work(), PATHS, left=self.note_left, limit=self.limit
        )
        found: list[dict[str, Any]] = bulk_response(tried)["Operations"]
        return found


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def manager(bulk_id: str) -> dict[str, Any]:
    return {ENTERPRISE: {"manager": {"value": f"bulkId:{bulk_id}"}}}


def test_what_is_left_is_answered_in_its_place() -> None:
    run = Clocked(3)

    results = run.run(
        create_group("g", "team", "bulkId:d"), *(create(name, name) for name in "abcd")
    )

    assert statuses(results) == ["503", "201", "201", "201", "503"]
    assert [result["bulkId"] for result in results] == ["g", "a", "b", "c", "d"]
    assert "time limit of 3 s" in results[0]["response"]["detail"]
    assert run.left == [(2, 503)]


@pytest.mark.parametrize("seconds", [0, 0.5, 1])
def test_first_is_done_in_any_case(seconds: float) -> None:
    run = Clocked(seconds, now=99.0)

    assert statuses(run.run(create("a", "a"), create("b", "b"))) == ["201", "503"]


def test_last_within_the_time_leaves_nothing() -> None:
    run = Clocked(2)

    assert statuses(run.run(create("a", "a"), create("b", "b"))) == ["201", "201"]
    assert run.left == []


def test_what_is_left_is_no_error_that_ends_the_request() -> None:
    run = Clocked(1)

    results = run.run(*(create(name, name) for name in "abcd"), failOnErrors=1)

    assert statuses(results) == ["201", "503", "503", "503"]


def test_too_many_errors_leave_nothing_to_send_again() -> None:
    run = Clocked(2)

    results = run.run({"method": "GET", "path": "/x"}, create("a", "a"), failOnErrors=1)

    assert statuses(results) == ["400"]
    assert run.left == []


def circle(*names: str) -> list[dict[str, Any]]:
    """Return users each of whom has the next one as manager."""
    after = [*names[1:], names[0]]
    return [create(name, name, **manager(other)) for name, other in zip(names, after, strict=True)]


def test_circle_is_left_whole() -> None:
    run = Clocked(4)

    results = run.run(create("a", "a"), *circle("b", "c"), create_group("g", "team", "bulkId:b"))

    assert statuses(results) == ["201", "503", "503", "503"]
    assert "location" not in results[1]


def test_circle_within_the_time_is_done() -> None:
    run = Clocked(6)

    results = run.run(create("a", "a"), *circle("b", "c"), create_group("g", "team", "bulkId:b"))

    assert statuses(results) == ["201"] * 4


def test_circle_that_alone_takes_too_long_is_told_so() -> None:
    results = Clocked(3).run(*circle("b", "c"), create("a", "a"))

    assert statuses(results) == ["413", "413", "503"]
    assert "2 operations refer to each other" in results[0]["response"]["detail"]


def test_circle_has_the_whole_time_where_the_transaction_is_tried_again() -> None:
    run = Clocked(5, now=99.0)

    assert statuses(run.run(*circle("b", "c"))) == ["201", "201"]


def test_circles_fail_by_themselves() -> None:
    run = Clocked(99)
    execute = run.execute

    def refuse(operation: Any) -> Answer:
        if operation.bulk_id == "c":
            raise NotFound("no")
        return execute(operation)

    run.execute = refuse  # type: ignore[method-assign]
    results = run.run(*circle("a", "b"), *circle("c", "d"))

    assert statuses(results) == ["201", "201", "409", "409"]
