"""The maths of charts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_scim_provider.admin.connection_pages.charts import (
    BARS_WIDTH,
    BOTTOM,
    COLUMNS_HEIGHT,
    COLUMNS_WIDTH,
    LABEL_EVERY,
    LEFT,
    RIGHT,
    TOP,
    VISIBLE,
    Chart,
    bars,
    columns,
    short,
    ticks,
)

BASE = COLUMNS_HEIGHT - BOTTOM
NUMBERS = st.fixed_dictionaries(
    {name: st.integers(0, 10**12) for name in ("done", "refused", "failed")}
)


def drawn(chart: Chart | None) -> Chart:
    assert chart is not None
    return chart


@pytest.mark.parametrize("draw", [columns, bars])
@pytest.mark.parametrize("rows", [[], [("a", {"done": 0})], [("a", {}), ("b", {})]])
def test_nothing_to_show_is_no_chart(draw: Any, rows: Any) -> None:
    assert draw(rows) is None


def test_column_is_as_high_as_its_number() -> None:
    chart = drawn(columns([("a", {"done": 50}), ("b", {"done": 100}), ("c", {"done": 0})]))

    half, full, none = chart.stacks
    assert [tick.label for tick in chart.ticks] == ["0", "50", "100"]
    assert full.segments[0].y == TOP
    assert full.segments[0].height == BASE - TOP
    assert half.segments[0].height == (BASE - TOP) / 2
    assert none.segments == ()


def test_segments_stand_on_each_other() -> None:
    (stack,) = drawn(columns([("a", {"done": 60, "refused": 30, "failed": 10})])).stacks

    assert [segment.series for segment in stack.segments] == ["done", "refused", "failed"]
    for below, above in zip(stack.segments, stack.segments[1:], strict=False):
        assert above.y + above.height == pytest.approx(below.y, abs=0.11)
    assert stack.segments[-1].y == pytest.approx(TOP, abs=0.2)


def test_one_among_a_million_can_be_seen() -> None:
    rows = [("a", {"done": 10**6, "refused": 1})]

    column = drawn(columns(rows)).stacks[0].segments[1]
    bar = drawn(bars(rows)).stacks[0].segments[1]

    assert (column.height, bar.width) == (VISIBLE, VISIBLE)


@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_nothing_is_drawn_outside(numbers: list[dict[str, int]]) -> None:
    rows = [(str(place), each) for place, each in enumerate(numbers)]
    column, bar = columns(rows), bars(rows)

    assert (column is None) == (bar is None)
    if column is None or bar is None:
        return
    for stack in column.stacks:
        for segment in stack.segments:
            assert segment.x >= LEFT
            assert segment.x + segment.width <= COLUMNS_WIDTH - RIGHT + 0.1
            assert segment.y >= TOP - 2 * VISIBLE
            assert segment.y + segment.height <= BASE + 0.1
    for stack in bar.stacks:
        for segment in stack.segments:
            assert segment.x >= 0
            assert segment.x + segment.width <= BARS_WIDTH + 2 * VISIBLE
            assert 0 <= segment.y < segment.y + segment.height <= bar.height


@given(st.integers(1, 10**15))
def test_ticks_are_round_and_reach_the_largest(largest: int) -> None:
    found = ticks(largest)

    step = found[1]
    assert found == list(range(0, found[-1] + 1, step))
    assert 2 <= len(found) <= 6
    assert str(step).strip("0") in {"1", "2", "5"}
    assert largest <= found[-1] < largest + step


def test_last_column_and_each_seventh_before_it_are_labelled() -> None:
    rows = [(str(place), {"done": 1}) for place in range(30)]

    labels = [stack.title for stack in drawn(columns(rows)).stacks if stack.is_labelled]

    assert labels == [str(place) for place in range(29 % LABEL_EVERY, 30, LABEL_EVERY)]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (1500, "1.5k"),
        (12_345, "12.3k"),
        (250_000, "250k"),
        (999_999, "999k"),
        (1_000_000, "1M"),
        (2_000_000_000, "2G"),
        (7 * 10**12, "7T"),
    ],
)
def test_long_numbers_are_short(number: int, text: str) -> None:
    assert short(number) == text
