"""Figures as tables, for a terminal and as reStructuredText."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.yardstick.figures import FLOOR, GROWTH, OURS, Figures, Ratio

Row = list[str]
NOTHING = "\N{EN DASH}"
"""A dash; a mere hyphen in a cell is a list in reStructuredText."""


def table_of_costs(figures: Figures, size: int) -> tuple[Row, list[Row]]:
    """Return the head and the rows for one size: multiples of the floor.

    What another package does for less than we do has a ``<`` behind it.
    """
    others = [target for target in figures.targets_at(size) if target != FLOOR]
    head = ["work", *others, "spread of ours", "goal", "ms floor", "ms ours"]
    rows = []
    for work in figures.works:
        cells = {target: figures.to_floor(work.name, target, size) for target in others}
        if not any(cells.values()):
            continue
        ours = cells.get(OURS)
        goal = f"{work.goal:.1f}" if work.goal else NOTHING
        ahead = figures.ahead(work.name, size)
        rows.append(
            [
                work.label,
                *(_shown(cells[target]) + " <" * (target in ahead) for target in others),
                f"{ours.least:.2f} to {ours.most:.2f}" if ours else NOTHING,
                f"{goal} !" if ours and work.goal and ours.middle > work.goal else goal,
                *(_milliseconds(figures, work.name, target, size) for target in (FLOOR, OURS)),
            ]
        )
    return head, rows


def table_of_growth(figures: Figures, target: str = OURS) -> tuple[Row, list[Row]]:
    """Return the head and the rows: multiples of the cost at the smallest size."""
    larger = figures.sizes[1:]
    head = ["work", *(f"{size:,}" for size in larger), "goal"]
    rows = []
    for work in figures.works:
        found = [figures.growth(work.name, target, size) for size in larger]
        if not any(found):
            continue
        over = work.indexed and any(each and each.middle > GROWTH for each in found)
        goal = f"{GROWTH}" if work.indexed else NOTHING
        rows.append([work.label, *map(_shown, found), f"{goal} !" if over else goal])
    return head, rows


def _shown(ratio: Ratio | None) -> str:
    return f"{ratio.middle:.2f}" if ratio else NOTHING


def _milliseconds(figures: Figures, work: str, target: str, size: int) -> str:
    found = figures.milliseconds(work, target, size)
    return f"{found[0]:.2f} + {found[1]:.2f}" if found else NOTHING


def as_text(title: str, head: Row, rows: Sequence[Row]) -> str:
    """Return a table for a terminal."""
    widths = _widths(head, rows)

    def line(row: Row) -> str:
        first, *rest = row
        cells = (f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
        return "  ".join([f"{first:<{widths[0]}}", *cells]).rstrip()

    return "\n".join([title, line(head), *map(line, rows), ""])


def as_rst(head: Row, rows: Sequence[Row]) -> str:
    """Return a simple table of reStructuredText."""
    widths = _widths(head, rows)
    ruler = "  ".join("=" * width for width in widths)

    def line(row: Row) -> str:
        cells = zip(row, widths, strict=True)
        return "  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip()

    return "\n".join([ruler, line(head), ruler, *map(line, rows), ruler, ""])


def _widths(head: Row, rows: Sequence[Row]) -> list[int]:
    length: Callable[[str], int] = len
    return [max(map(length, column)) for column in zip(head, *rows, strict=True)]
