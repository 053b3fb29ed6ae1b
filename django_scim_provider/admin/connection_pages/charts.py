"""The maths of charts: numbers in, shapes out. Templates draw them as SVG.

Lengths are in units of the ``viewBox``; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

COLUMNS_WIDTH, COLUMNS_HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 36, 36, 72
"""Margins around the columns, for the labels of the axes in the large type of narrow screens."""
GAP = 0.25
"""The part of a column's room that is left free."""
BARS_WIDTH = 400
ROW, BAR = 44, 12
"""Height of a row, and of the bar in it, below its label."""
VISIBLE = 3
"""Whatever is not zero is drawn at least this long: one failure in a million matters."""
TICKS = 4
LABEL_EVERY = 7
"""Columns from one label to the next."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a column or bar; ``series`` is what it stands for."""

    series: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Stack:
    """A column or bar of segments."""

    title: str
    x: float
    y: float
    """Where its label stands: below a column, above a bar."""
    total: str
    segments: tuple[Segment, ...]
    is_labelled: bool = True


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on the axis."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Shapes; ``ticks`` is empty for bars, which have their number beside them."""

    height: int
    stacks: tuple[Stack, ...]
    ticks: tuple[Tick, ...] = ()
    width: int = COLUMNS_WIDTH
    left: int = LEFT
    right: int = COLUMNS_WIDTH - RIGHT
    top: int = TOP
    bottom: int = COLUMNS_HEIGHT - BOTTOM


Row = tuple[str, dict[str, int]]
"""A label, and the numbers by series in the order in which they are stacked."""


def columns(rows: Sequence[Row]) -> Chart | None:
    """Return columns side by side; None where there is nothing to show.

    The last one is labelled, and each seventh before it.
    """
    largest = max((sum(numbers.values()) for _, numbers in rows), default=0)
    if largest == 0:
        return None
    steps = ticks(largest)
    bottom = COLUMNS_HEIGHT - BOTTOM
    room, height = (COLUMNS_WIDTH - RIGHT - LEFT) / len(rows), bottom - TOP
    stacks = []
    for number, (label, numbers) in enumerate(rows):
        x, y, segments = LEFT + room * (number + GAP / 2), float(bottom), []
        for series, length in lengths(numbers, steps[-1], height):
            y -= length
            segments.append(_segment(series, x, y, room * (1 - GAP), length))
        stacks.append(
            Stack(
                title=label,
                x=_round(LEFT + room * (number + 0.5)),
                y=bottom,
                total=str(sum(numbers.values())),
                segments=tuple(segments),
                is_labelled=(len(rows) - 1 - number) % LABEL_EVERY == 0,
            )
        )
    marks = [Tick(_round(bottom - height * step / steps[-1]), short(step)) for step in steps]
    return Chart(COLUMNS_HEIGHT, tuple(stacks), tuple(marks))


def bars(rows: Sequence[Row]) -> Chart | None:
    """Return bars one below the other; None where there is nothing to show."""
    largest = max((sum(numbers.values()) for _, numbers in rows), default=0)
    if largest == 0:
        return None
    stacks = []
    for number, (label, numbers) in enumerate(rows):
        x, top, segments = 0.0, number * ROW, []
        for series, length in lengths(numbers, largest, BARS_WIDTH):
            segments.append(_segment(series, x, top + ROW - BAR - 10, length, BAR))
            x += length
        total = sum(numbers.values())
        stacks.append(Stack(label, 0, top + ROW - BAR - 16, short(total), tuple(segments)))
    return Chart(len(rows) * ROW, tuple(stacks), width=BARS_WIDTH, left=0, right=BARS_WIDTH)


def lengths(numbers: dict[str, int], largest: int, room: float) -> Iterator[tuple[str, float]]:
    """Yield how long each series is drawn, without those that are 0.

    Small ones are drawn as long as can be seen, at the cost of the longest.
    """
    drawn = {
        series: max(number / largest * room, VISIBLE)
        for series, number in numbers.items()
        if number
    }
    excess = sum(drawn.values()) - sum(numbers.values()) / largest * room
    if len(drawn) > 1 and excess > 0:
        longest = max(drawn, key=lambda series: drawn[series])
        drawn[longest] = max(drawn[longest] - excess, VISIBLE)
    yield from drawn.items()


def ticks(largest: int) -> list[int]:
    """Return whole and round numbers from 0 to at least ``largest``, at most six of them."""
    step, power = 1, 1
    while step * TICKS < largest:
        factor = {1: 2, 2: 5, 5: 10}[step // power]
        step = power * factor
        power = step if factor == 10 else power
    count = max(1, -(-largest // step))
    return [step * number for number in range(count + 1)]


def short(number: int) -> str:
    """Return a number in at most five characters, such as ``"12k"``; rounded down."""
    for size, suffix in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            whole, tenths = number // size, number % size * 10 // size
            return f"{whole}.{tenths}{suffix}" if whole < 100 and tenths else f"{whole}{suffix}"
    return str(number)


def _segment(series: str, x: float, y: float, width: float, height: float) -> Segment:
    return Segment(series, _round(x), _round(y), _round(width), _round(height))


def _round(length: float) -> float:
    return round(length, 1)
