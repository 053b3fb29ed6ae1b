"""Writes tables and pictures where the documentation includes them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.yardstick.figures import Figures
from benchmarks.yardstick.tables import as_rst, table_of_costs, table_of_growth


def publish(figures: Figures, database: str, title: str, folder: Path) -> None:
    """Write the tables of a database."""
    folder.mkdir(parents=True, exist_ok=True)
    for size in figures.sizes:
        text = as_rst(*table_of_costs(figures, size))
        (folder / f"{database}-{size}.rst").write_text(text)
    if len(figures.sizes) > 1:
        (folder / f"{database}-growth.rst").write_text(as_rst(*table_of_growth(figures)))
