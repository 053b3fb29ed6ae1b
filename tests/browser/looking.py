"""Looking at a page: a screenshot to keep, and what is wrong with it in a browser's eyes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Page, ViewportSize

from tests.browser.left_english import LeftEnglish

RUN = """async () => {
  const found = await axe.run(
    {
      include: [document.querySelector("#content") ? "#content" : "main"],
      exclude: ["#changelist-search"],
    },
    { resultTypes: ["violations"] },
  );
  return found.violations.map(
    (one) => `${one.id}: ${one.help} ${one.nodes.map((node) => node.target).join(" ")}`
  );
}"""
"""The frame of the admin and the search above lists are Django's; the portal has ``main``."""
SETTLE = """() => {
  for (let rounds = 0; rounds < 9; rounds++)
    document.getAnimations().forEach((one) => one.finish());
}"""
"""Links change their colour slowly when the theme does, and what is in them after them.

They are brought to their end, as a page that draws no frames would be waited for without end.
"""
TEXTS = (Path(__file__).parent / "texts.js").read_text()
"""What the page says, piece by piece."""
CLIPPED = (Path(__file__).parent / "clipped.js").read_text()
"""What does not fit into the place that it has."""

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
SIZES = (WIDE, NARROW)


class Sight(NamedTuple):
    """A screen and a theme."""

    size: ViewportSize
    theme: Literal["light", "dark"]


FIRST = Sight(WIDE, "light")
SIGHTS = {
    "en": (FIRST, Sight(WIDE, "dark"), Sight(NARROW, "light"), Sight(NARROW, "dark")),
    "de": (FIRST,),
    "fr": (Sight(NARROW, "dark"),),
}
"""English shows each page on each screen and in each theme. Others have longer words and no other
colours: they are looked at once, and what does not fit is searched for on both screens."""


@dataclass(slots=True)
class Looker:
    """Keeps screenshots, numbered in the order of the looks, and notes what is wrong."""

    folder: Path
    axe: str
    language: str
    english: LeftEnglish | None
    """What may not stay English, or None in English."""
    looks: int = 0
    faults: list[str] = field(default_factory=list)
    """What axe-core finds, what is cut off or beyond the screen, and what stayed English."""

    def look(self, page: Page, name: str) -> None:
        """Look at a page on each screen and in each theme that the language has."""
        self._look(page, name, SIGHTS[self.language])

    def glance(self, page: Page, name: str) -> None:
        """Look once."""
        self._look(page, name, SIGHTS[self.language][:1])

    def _look(self, page: Page, name: str, sights: tuple[Sight, ...]) -> None:
        self.looks += 1
        for size, theme in sights:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            page.evaluate(SETTLE)
            kept = f"{self.looks:02d}-{name}-{size['width']}-{theme}"
            page.screenshot(path=self.folder / f"{kept}.png", full_page=True)
            if not page.evaluate("'axe' in window"):
                page.evaluate(self.axe)
            self._note(kept, page.evaluate(RUN))
            self._note(kept, page.evaluate(CLIPPED))
        for size in SIZES:
            if size not in [sight.size for sight in sights]:
                page.set_viewport_size(size)
                self._note(f"{self.looks:02d}-{name}-{size['width']}", page.evaluate(CLIPPED))
        if self.english is not None:
            left = self.english.among(page.evaluate(TEXTS))
            self._note(f"{self.looks:02d}-{name} stayed English", left)
        page.set_viewport_size(FIRST.size)
        page.emulate_media(color_scheme=FIRST.theme)

    def _note(self, where: str, faults: list[str]) -> None:
        self.faults += [f"{where}: {fault}" for fault in faults]
