"""The order of bulk operations, and that it costs what the request says."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import parse_bulk_request
from django_scim_provider.core.bulk.order import ordered
from django_scim_provider.core.bulk.processing import run_bulk
from django_scim_provider.core.engine import Answer
from django_scim_provider.core.profiles import GENERIC
from tests.costs import steps
from tests.test_bulk import BULK, create, create_group

PATHS = BulkPaths("http://x", ["/Users", "/Groups"])


def run(operations: list[dict[str, Any]]) -> list[str | None]:
    """Do the operations and return the bulkIds in the order in which they were done."""
    body = {"schemas": [BULK], "Operations": operations}
    request = parse_bulk_request(body, GENERIC, max_operations=len(operations))
    done: list[str | None] = []

    def execute(operation: Any) -> Answer:
        done.append(operation.bulk_id)
        return Answer(201, None, 'W/"1"', f"http://x/Users/{len(done)}")

    run_bulk(request, execute, lambda work: work(), PATHS)
    return done


def chain(length: int) -> list[dict[str, Any]]:
    """Return operations each of which refers to the next one."""
    groups = [create_group(f"g{n}", f"group {n}", f"bulkId:g{n + 1}") for n in range(length)]
    return [*groups, create_group(f"g{length}", "last")]


def test_reversed_chain_costs_what_it_says() -> None:
    short, long = (steps(partial(run, chain(length))) for length in (50, 400))

    assert long < 8 * short * 1.2


def test_operation_is_done_as_soon_as_what_it_refers_to_is() -> None:
    operations = [create_group("g", "team", "bulkId:b"), *(create(n, n) for n in "abc")]

    assert run(operations) == ["a", "b", "g", "c"]


def by_trying(needs: list[list[int]]) -> list[int]:
    """Return the order where there is no circle, by looking at all that is left each time."""
    found: list[int] = []
    while len(found) < len(needs):
        left = (n for n in range(len(needs)) if n not in found)
        found.append(next(n for n in left if set(needs[n]) <= set(found)))
    return found


@given(st.permutations(range(12)), st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))))
def test_lowest_comes_first_of_those_that_may(names: list[int], pairs: set[Any]) -> None:
    needs: list[list[int]] = [[] for _ in names]
    for one, other in pairs:
        if one < other:  # by a rank of its own, so that there is no circle
            needs[names[other]].append(names[one])

    assert ordered(needs) == [[n] for n in by_trying(needs)]


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_only_those_that_need_each_other_come_together(pairs: set[tuple[int, int]]) -> None:
    needs = [[other for one, other in sorted(pairs) if one == n] for n in range(10)]
    reached = [{n} for n in range(10)]
    for _ in range(10):
        reached = [set().union({n}, *(reached[m] for m in needs[n])) for n in range(10)]

    found = ordered(needs)

    assert sorted(n for together in found for n in together) == list(range(10))
    for place, together in enumerate(found):
        first = together[0]
        assert together == [n for n in range(10) if n in reached[first] and first in reached[n]]
        later = {n for rest in found[place + 1 :] for n in rest}
        assert not later & set().union(*(needs[n] for n in together))
