"""Draws figures as SVG, narrow enough for a telephone, light or dark as the reader has it.

Nothing is needed for it but text: a picture is a list of shapes over a coordinate in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, MARGIN, ROW = 360, 14, 34
"""Pixels: of a picture, beside what is drawn, of one row."""
LINE = 17
COLORS = ("#2f6fb3", "#c2571a", "#3c8a50", "#8a5ab0", "#8a7a1d")
DARK = ("#77b0ee", "#f0a067", "#7cc98f", "#c39ae6", "#d8c65a")
SHAPES = ("circle", "square", "diamond", "ring", "cross")
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Dots:
    """A row: a value for each series, and what should not be exceeded."""

    label: str
    values: Mapping[str, float]
    goal: float | None = None


@dataclass(frozen=True)
class Bar:
    """A row: parts that lie one after another, and a note beside the label."""

    label: str
    parts: Mapping[str, float]
    note: str = ""


def dot_plot(title: str, series: Sequence[str], rows: Sequence[Dots]) -> str:
    """Return rows of dots over a logarithmic scale, with a line at 1 and a tick at each goal."""
    values = [value for row in rows for value in row.values.values() if value > 0]
    scale = _Scale(min([*values, 1.0]), max([*values, 2.0]))
    top = _head_height(title, series)
    bottom = top + ROW * len(rows)
    shapes = [*_head(title, series)]
    for tick in (tick for tick in TICKS if scale.low <= tick <= scale.high):
        x, kind = scale.at(tick), "one" if tick == 1 else "grid"
        shapes.append(f'<path class="{kind}" d="M{x:.1f} {top}V{bottom}"/>')
        shapes.append(_text(x, bottom + 14, f"{tick:g}", "small middle"))
    for place, row in enumerate(rows):
        y = top + ROW * place
        shapes.append(_text(MARGIN, y + 13, row.label))
        if series and series[0] in row.values:
            shapes.append(_text(WIDTH - MARGIN, y + 13, f"{row.values[series[0]]:.2f}", "end bold"))
        shapes.append(f'<path class="track" d="M{MARGIN} {y + 24}H{WIDTH - MARGIN}"/>')
        if row.goal:
            shapes.append(f'<path class="goal" d="M{scale.at(row.goal):.1f} {y + 18}v12"/>')
        for number, name in reversed(list(enumerate(series))):
            if (value := row.values.get(name, 0)) > 0:
                shapes.append(_shape(number, scale.at(value), y + 24))
    return _svg(title, bottom + 22, shapes)


def bars(title: str, series: Sequence[str], rows: Sequence[Bar]) -> str:
    """Return rows of stacked bars, over a scale that ends with the longest."""
    longest = max([sum(row.parts.values()) for row in rows] or [1.0]) or 1.0
    top = _head_height(title, series)
    shapes = [*_head(title, series)]
    for place, row in enumerate(rows):
        y, x = top + ROW * place, float(MARGIN)
        shapes.append(_text(MARGIN, y + 13, row.label))
        shapes.append(_text(WIDTH - MARGIN, y + 13, row.note, "end bold"))
        for number, name in enumerate(series):
            width = row.parts.get(name, 0.0) / longest * (WIDTH - 2 * MARGIN)
            if width > 0:
                box = f'x="{x:.1f}" y="{y + 18}" width="{width:.1f}" height="11"'
                shapes.append(f'<rect class="s{number}" {box}/>')
            x += width
    return _svg(title, top + ROW * len(rows) + 8, shapes)


class _Scale:
    """Logarithmic, over the width of a picture, ended by ticks."""

    def __init__(self, least: float, most: float) -> None:
        self.low = max([tick for tick in TICKS if tick <= least] or [TICKS[0]])
        self.high = min([tick for tick in TICKS if tick >= most] or [most])

    def at(self, value: float) -> float:
        """Return where a value lies."""
        share = math.log(value / self.low) / math.log(self.high / self.low)
        inner = WIDTH - 2 * MARGIN - 12
        return MARGIN + 6 + inner * min(max(share, 0.0), 1.0)


def _head_height(title: str, series: Sequence[str]) -> int:
    return 12 + LINE * (len(_wrapped(title)) + len(list(_legend_lines(series)))) + 8


def _head(title: str, series: Sequence[str]) -> Iterator[str]:
    y = 10
    for line in _wrapped(title):
        y += LINE
        yield _text(MARGIN, y, line, "bold")
    for entries in _legend_lines(series):
        y += LINE
        x = MARGIN
        for number, name in entries:
            yield _shape(number, x + 5, y - 4)
            yield _text(x + 15, y, name)
            x += _length(name) + 30


def _legend_lines(series: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
    line: list[tuple[int, str]] = []
    used = 0
    for entry in enumerate(series):
        width = _length(entry[1]) + 30
        if line and used + width > WIDTH - 2 * MARGIN:
            yield line
            line, used = [], 0
        line.append(entry)
        used += width
    if line:
        yield line


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and _length(f"{lines[-1]} {word}") > WIDTH - 2 * MARGIN:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _length(text: str) -> int:
    return round(7.1 * len(text))


def _shape(number: int, x: float, y: float) -> str:
    kind = SHAPES[number % len(SHAPES)]
    color = f'class="s{number % len(COLORS)}'
    if kind in ("circle", "ring"):
        hollow = " hollow" if kind == "ring" else ""
        return f'<circle {color}{hollow}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
    if kind == "square":
        return f'<rect {color}" x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"/>'
    if kind == "diamond":
        return f'<path {color}" d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6-6z"/>'
    start = f"M{x - 4:.1f} {y - 4:.1f}l8 8M{x + 4:.1f} {y - 4:.1f}l-8 8"
    return f'<path {color} hollow" d="{start}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _svg(title: str, height: float, shapes: Sequence[str]) -> str:
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
            f"<title>{escape(title)}</title>",
            f"<style>{_style()}</style>",
            '<rect class="paper" width="100%" height="100%" rx="6"/>',
            *shapes,
            "</svg>",
            "",
        ]
    )


def _style() -> str:
    def colors(paper: str, ink: str, pale: str, line: str, of_series: Sequence[str]) -> str:
        rules = [
            f".paper{{fill:{paper}}}text{{fill:{ink};stroke:{paper}}}",
            f".grid,.track{{stroke:{pale}}}.one,.goal{{stroke:{line}}}",
        ]
        for number, color in enumerate(of_series):
            rules.append(f".s{number}{{fill:{color};stroke:{color}}}")
        return "".join([*rules, f".hollow{{fill:{paper}}}"])

    light = colors("#fbfaf7", "#1b1f24", "#dcdad3", "#55606b", COLORS)
    dark = colors("#1d2126", "#e9ebee", "#3a4149", "#a9b4bf", DARK)
    return (
        "text{font:12.5px system-ui,sans-serif;paint-order:stroke;stroke-width:3px}"
        ".small{font-size:11px}.bold{font-weight:600}"
        ".middle{text-anchor:middle}.end{text-anchor:end}path{fill:none;stroke-width:1}"
        ".one{stroke-width:1.6}.goal{stroke-width:2.4}.hollow{stroke-width:2.2}"
        f"{light}@media(prefers-color-scheme:dark){{{dark}}}"
    )
