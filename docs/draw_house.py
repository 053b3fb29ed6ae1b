"""Draws the house: the parts of the package in their layers, and which imports which.

    python docs/draw_house.py

Writes ``docs/pictures/*.svg`` from the layers that import-linter holds (``pyproject.toml``) and
from the imports of the modules. An arrow is left out where a longer way leads to the same part, so
that the picture stays one that can be read.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH, ROW, BOX, LETTER = 860, 64, 30, 7.4
"""Pixels: of a picture, of a layer, of the height of a box, of a letter."""
GAP = 22
STYLE = """
    text { font: 13px ui-monospace, monospace; fill: #1b1f24; text-anchor: middle; }
    rect.paper { fill: #fbfaf7; }
    rect.part { fill: #e3ecf7; stroke: #41648f; }
    path { fill: none; stroke: #8695a6; stroke-width: 1.1; }
    @media (prefers-color-scheme: dark) {
        text { fill: #e9ebee; }
        rect.paper { fill: #1d2126; }
        rect.part { fill: #2b3d54; stroke: #7ea3d0; }
    }
"""


@dataclass(frozen=True)
class Picture:
    """The direct parts of one package, by their layers from top to bottom."""

    name: str
    package: str
    layers: list[list[str]]
    imports: Mapping[str, set[str]]


def main() -> None:
    """Draw every picture anew."""
    PICTURES.mkdir(exist_ok=True)
    for picture in pictures():
        (PICTURES / f"{picture.name}.svg").write_text(drawn(picture))


def pictures() -> Iterator[Picture]:
    """Yield a picture for each contract of layers."""
    text = (ROOT / "pyproject.toml").read_text()
    for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]:
        if contract["type"] != "layers" or "containers" not in contract:
            continue
        package = contract["containers"][0]
        here = {path.stem for path in folder_of(package).iterdir()}
        layers = [[part for part in parts(layer) if part in here] for layer in contract["layers"]]
        name = package.rpartition(".")[2] if "." in package else "house"
        yield Picture(name, package, [each for each in layers if each], imports_of(package))


def parts(layer: str) -> list[str]:
    """Return the names in a line of the contract."""
    return layer.replace("|", " ").replace(":", " ").replace("(", " ").replace(")", " ").split()


def folder_of(package: str) -> Path:
    """Return where a package lies."""
    found = import_module(package).__file__
    return Path(found).parent if found else ROOT


def imports_of(package: str) -> dict[str, set[str]]:
    """Return which direct parts of a package each of its direct parts imports."""
    found: dict[str, set[str]] = {}
    folder = folder_of(package)
    for path in folder.rglob("*.py"):
        inside = path.relative_to(folder)
        part = inside.parts[0].removesuffix(".py")
        for name in imported(path):
            if name.startswith(f"{package}."):
                other = name.removeprefix(f"{package}.").partition(".")[0]
                if other != part:
                    found.setdefault(part, set()).add(other)
    return found


def imported(path: Path) -> Iterator[str]:
    """Yield the full names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def drawn(picture: Picture) -> str:
    """Return a picture as SVG."""
    places: dict[str, tuple[float, float]] = {}
    for row, layer in enumerate(picture.layers):
        widths = [width_of(name) for name in layer]
        x = (WIDTH - sum(widths) - GAP * (len(layer) - 1)) / 2
        for name, width in zip(layer, widths, strict=True):
            places[name] = (x + width / 2, row * ROW + 30.0)
            x += width + GAP
    pairs = [
        (part, other)
        for part in sorted(places)
        for other in sorted(needed(part, picture.imports))
        if other in places
    ]
    lines = [
        arrow(places[part], places[other], 1 if places[part][0] > WIDTH / 2 or number % 2 else -1)
        for number, (part, other) in enumerate(pairs)
    ]
    boxes = [box(name, *place) for name, place in sorted(places.items())]
    height = len(picture.layers) * ROW + 10
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{picture.package}: parts in layers, arrows for imports</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0 1 L7 4 L0 7"/></marker></defs>',
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def needed(part: str, imports: Mapping[str, set[str]]) -> set[str]:
    """Return what a part imports, without what it reaches through another import as well."""
    direct = imports.get(part, set())
    return {
        other
        for other in direct
        if not any(other in reached(via, imports) for via in direct - {other})
    }


def reached(part: str, imports: Mapping[str, set[str]]) -> set[str]:
    """Return all that a part imports, directly or not."""
    found: set[str] = set()
    waiting = list(imports.get(part, ()))
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(imports.get(other, ()))
    return found


def arrow(source: tuple[float, float], target: tuple[float, float], side: int) -> str:
    """Return a curve from one box to another; a long one keeps clear of the boxes between."""
    (x, y), (to_x, to_y) = source, target
    y, to_y = y + BOX / 2, to_y - BOX / 2 - 1
    rows = round((to_y - y - ROW + BOX) / ROW)  # between the two
    bend = max(16.0, (to_y - y) / 3)
    room = (WIDTH - max(x, to_x) if side > 0 else min(x, to_x)) - 8
    # A curve goes three quarters of the way to its two handles.
    aside = side * min(46 + 26 * rows, room / 0.75) if rows else 0
    curve = f"M{x:.0f} {y:.0f} C{x + aside:.0f} {y + bend:.0f} {to_x + aside:.0f} {to_y - bend:.0f}"
    return f'<path d="{curve} {to_x:.0f} {to_y:.0f}" marker-end="url(#tip)"/>'


def width_of(name: str) -> int:
    """Return a box's width in whole pixels: sums of floats are not the same in every Python."""
    return 2 * round(len(name) * LETTER / 2 + 10)


def box(name: str, x: float, y: float) -> str:
    """Return a box with a name in it."""
    width = width_of(name)
    return (
        f'<rect class="part" x="{x - width / 2:.0f}" y="{y - BOX / 2:.0f}" width="{width:.0f}" '
        f'height="{BOX}" rx="5"/><text x="{x:.0f}" y="{y + 4.5:.0f}">{name}</text>'
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
