"""Writes tables and pictures where the documentation includes them."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import django

from benchmarks.yardstick.figures import FLOOR, GROWTH, OURS, Figures
from benchmarks.yardstick.pictures import Dots, dot_plot
from benchmarks.yardstick.tables import as_rst, table_of_costs, table_of_growth

FLOORS = ("floor", "floor-drf")


def publish(figures: Figures, name: str, title: str, about: str, folder: Path) -> None:
    """Write ``name.inc``, and the pictures that it shows."""
    parts = [f"{sentence(about)}\n"]
    for size in figures.sizes:
        drawn = picture_of_costs(figures, f"{title}, {size:,} people", size)
        parts += [f"**{size:,} people**\n", as_rst(*table_of_costs(figures, size))]
        parts += [f"{line}\n" for line in figures.behind(size)]
        parts.append(shown(drawn, f"{name}-{size}", folder))
    if len(figures.sizes) > 1:
        head = f"growth from {figures.sizes[0]:,} to {figures.sizes[-1]:,} people"
        drawn = picture_of_growth(figures, f"{title.partition(',')[0]}, {head}")
        parts += [f"**{head.capitalize()}**\n", as_rst(*table_of_growth(figures))]
        parts.append(shown(drawn, f"{name}-growth", folder))
    (folder / f"{name}.inc").write_text("\n".join(parts))


def shown(drawn: str, name: str, folder: Path) -> str:
    """Write a picture, and return what shows it on a page beside the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(drawn)
    title = drawn.partition("<title>")[2].partition("</title>")[0]
    return f".. image:: {folder.name}/{name}.svg\n   :alt: {title}\n"


def sentence(about: str) -> str:
    """Return what a run was of, and on what."""
    versions = f"Python {platform.python_version()}, Django {django.__version__}"
    return f"{about}; {versions}, {os.cpu_count()} cores."


def picture_of_costs(figures: Figures, title: str, size: int) -> str:
    """Return ours and the others as multiples of the floor."""
    series = [name for name in figures.targets_at(size) if name not in FLOORS]
    series.sort(key=lambda name: name != OURS)
    rows = _rows(figures, series, size)
    goals = {work.label: work.goal for work in figures.works}
    return dot_plot(title, series, [Dots(name, row, goals[name]) for name, row in rows])


def picture_of_growth(figures: Figures, title: str) -> str:
    """Return ours and the floor at the largest size, as multiples of the smallest."""
    rows = []
    for work in figures.works:
        found = {name: figures.growth(work.name, name, figures.sizes[-1]) for name in (OURS, FLOOR)}
        if values := {name: each.middle for name, each in found.items() if each}:
            rows.append(Dots(work.label, values, GROWTH if work.indexed else None))
    return dot_plot(title, (OURS, FLOOR), rows)


def _rows(figures: Figures, series: Sequence[str], size: int) -> list[tuple[str, dict[str, float]]]:
    found = []
    for work in figures.works:
        ratios = {name: figures.to_floor(work.name, name, size) for name in series}
        if values := {name: each.middle for name, each in ratios.items() if each}:
            found.append((work.label, values))
    return found
